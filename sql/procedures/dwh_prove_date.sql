-- Counts the members of dwh.date.
create or replace procedure dwh.prove_date()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'dwh'
),
star as (
    select
        count(*) as rows,
        count(distinct dwh.date.datekey) as keys,
        coalesce(sum(case when dwh.date.deleted then 1 else 0 end), 0) as deleted,
        coalesce(sum(case when dwh.date.datekey = 0 and not dwh.date.deleted then 1 else 0 end), 0) as unknown,
        coalesce(sum(case when dwh.date.datekey = 0 or staging.datekey.datekey is not null and dwh.date.orderdate = staging.datekey.orderdate then 1 else 0 end), 0) as members
    from dwh.date
    left join staging.datekey
        on dwh.date.datekey = staging.datekey.datekey
),
night as (
    select count(*) as rows
    from staging.date
)
select run.run_id, 'dwh.date', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.date deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.date not deleted', star.rows - star.deleted, night.rows
from run, star, night
union all
select run.run_id, 'dwh.date keys', star.keys, star.rows
from run, star
union all
select run.run_id, 'dwh.date members', star.members, star.rows
from run, star
union all
select run.run_id, 'dwh.date unknown members', star.unknown, 1
from run, star;

end;
$$ language plpgsql;
