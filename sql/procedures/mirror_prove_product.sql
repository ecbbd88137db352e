-- Counts mirror.product, and whether that is what was loaded.
create or replace procedure mirror.prove_product()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
landed as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price
    from mirror.product
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_product
)
select run.run_id, 'landing.product', landed.rows, loaded.rows
from run, landed, loaded
union all
select run.run_id, 'landing.product sum of price', landed.sum_of_price, cast(null as decimal(38,0))
from run, landed;

end;
$$ language plpgsql;
