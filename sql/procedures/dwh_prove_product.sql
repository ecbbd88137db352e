-- Counts the members of dwh.product.
create or replace procedure dwh.prove_product()
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
        count(distinct dwh.product.productkey) as keys,
        coalesce(sum(case when dwh.product.deleted then 1 else 0 end), 0) as deleted,
        coalesce(sum(case when dwh.product.productkey = 0 and not dwh.product.deleted then 1 else 0 end), 0) as unknown,
        coalesce(sum(case when dwh.product.productkey = 0 or staging.productkey.productkey is not null and dwh.product.productid = staging.productkey.productid then 1 else 0 end), 0) as members
    from dwh.product
    left join staging.productkey
        on dwh.product.productkey = staging.productkey.productkey
),
night as (
    select count(*) as rows
    from staging.product
)
select run.run_id, 'dwh.product', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.product deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.product not deleted', star.rows - star.deleted, night.rows
from run, star, night
union all
select run.run_id, 'dwh.product keys', star.keys, star.rows
from run, star
union all
select run.run_id, 'dwh.product members', star.members, star.rows
from run, star
union all
select run.run_id, 'dwh.product unknown members', star.unknown, 1
from run, star;

end;
$$ language plpgsql;
