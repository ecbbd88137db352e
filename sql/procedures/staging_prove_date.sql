-- Counts the keys and the members of staging.date.
create or replace procedure staging.prove_date()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
given as (
    select
        coalesce(sum(members.rows), 0) as rows,
        count(*) as members,
        count(distinct members.highest) as keys,
        coalesce(max(members.highest), 0) as highest
    from (
        select
            orderdate,
            count(*) as rows,
            max(datekey) as highest
        from staging.datekey
        group by orderdate
    ) as members
),
noted as (
    select coalesce(max(datemaxkey), 0) as highest
    from staging.date_maxkey
),
night as (
    select
        count(*) as rows,
        count(distinct datekey) as keys,
        coalesce(sum(case when datekey = 0 then 1 else 0 end), 0) as unknown
    from staging.date
),
landed as (
    select count(*) as members
    from (
        select distinct cast(orderdate as date) as fullday
        from mirror."order"
    ) as days
)
select run.run_id, 'staging.datekey members', given.members, given.rows
from run, given
union all
select run.run_id, 'staging.datekey keys', given.keys, given.members
from run, given
union all
select run.run_id, 'staging.datekey highest key', given.highest, given.rows
from run, given
union all
select run.run_id, 'staging.datekey highest key, noted in date_maxkey', noted.highest, given.rows
from run, given, noted
union all
select run.run_id, 'staging.date', night.rows, landed.members + 1
from run, night, landed
union all
select run.run_id, 'staging.date unknown members', night.unknown, 1
from run, night
union all
select run.run_id, 'staging.date keys', night.keys, night.rows
from run, night;

end;
$$ language plpgsql;
