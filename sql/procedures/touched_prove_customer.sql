-- Counts the members of customer, and those that an increment touched.
create or replace procedure touched.prove_customer()
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
        count(distinct customerkey) as keys
    from touched.members_of_customer
),
night as (
    select count(*) as rows
    from staging.customer
),
star as (
    select
        count(*) as rows,
        coalesce(sum(case when deleted then 1 else 0 end), 0) as deleted
    from dwh.customer
),
turned as (
    select count(*) as rows
    from touched.turned_of_customer
)
select run.run_id, 'landing.customer unique by username for customer', touched.keys, touched.rows
from run, touched
union all
select run.run_id, 'dwh.customer', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.customer deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.customer not deleted', star.rows - star.deleted, night.rows
from run, night, star
union all
select run.run_id, 'dwh.customer touched', touched.rows, cast(null as decimal(38,0))
from run, touched
union all
select run.run_id, 'dwh.customer that came or went', turned.rows, cast(null as decimal(38,0))
from run, turned;

end;
$$ language plpgsql;
