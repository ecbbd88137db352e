-- Counts the members of address, and those that an increment touched.
create or replace procedure touched.prove_address()
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
        count(distinct addresskey) as keys
    from touched.members_of_address
),
night as (
    select count(*) as rows
    from staging.address
),
star as (
    select
        count(*) as rows,
        coalesce(sum(case when deleted then 1 else 0 end), 0) as deleted
    from dwh.address
),
turned as (
    select count(*) as rows
    from touched.turned_of_address
)
select run.run_id, 'landing.customer unique by username, postcode for address', touched.keys, touched.rows
from run, touched
union all
select run.run_id, 'dwh.address', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.address deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.address not deleted', star.rows - star.deleted, night.rows
from run, night, star
union all
select run.run_id, 'dwh.address touched', touched.rows, cast(null as decimal(38,0))
from run, touched
union all
select run.run_id, 'dwh.address that came or went', turned.rows, cast(null as decimal(38,0))
from run, turned;

end;
$$ language plpgsql;
