-- Counts the members of product, and those that an increment touched.
create or replace procedure touched.prove_product()
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
        count(distinct productkey) as keys
    from touched.members_of_product
),
night as (
    select count(*) as rows
    from staging.product
),
star as (
    select
        count(*) as rows,
        coalesce(sum(case when deleted then 1 else 0 end), 0) as deleted
    from dwh.product
),
turned as (
    select count(*) as rows
    from touched.turned_of_product
)
select run.run_id, 'staging.product keys', touched.keys, touched.rows
from run, touched
union all
select run.run_id, 'dwh.product', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.product deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.product not deleted', star.rows - star.deleted, night.rows
from run, night, star
union all
select run.run_id, 'dwh.product touched', touched.rows, cast(null as decimal(38,0))
from run, touched
union all
select run.run_id, 'dwh.product that came or went', turned.rows, cast(null as decimal(38,0))
from run, turned;

end;
$$ language plpgsql;
