-- Counts the members of date, and those that an increment touched.
create or replace procedure touched.prove_date()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
touched as (
    select
        count(*) as rows,
        count(distinct datekey) as keys
    from touched.members_of_date
),
night as (
    select count(*) as rows
    from staging.date
),
star as (
    select
        count(*) as rows,
        coalesce(sum(case when deleted then 1 else 0 end), 0) as deleted
    from dwh.date
),
turned as (
    select count(*) as rows
    from touched.turned_of_date
)
select run.run_id, 'staging.date keys', touched.keys, touched.rows
from run, touched
union all
select run.run_id, 'dwh.date', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.date deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.date not deleted', star.rows - star.deleted, night.rows
from run, night, star
union all
select run.run_id, 'dwh.date touched', touched.rows, cast(null as decimal(38,0))
from run, touched
union all
select run.run_id, 'dwh.date that came or went', turned.rows, cast(null as decimal(38,0))
from run, turned;

end;
$$ language plpgsql;
