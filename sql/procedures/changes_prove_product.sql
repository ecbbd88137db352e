-- Counts the changes of product, and what they did.
create or replace procedure changes.prove_product()
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
        coalesce(sum(case when op = 'put' then 1 else 0 end), 0) as puts,
        coalesce(cast(sum(case when op = 'put' then price end) * 100 as decimal(38,0)), 0) as sum_of_price
    from changes.product
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_product
),
moved as (
    select
        coalesce(sum(case when change = 'put' then 1 else 0 end), 0) as came,
        coalesce(sum(case when change = 'delete' then 1 else 0 end), 0) as went,
        coalesce(cast(sum(case when change = 'put' then price end) * 100 as decimal(38,0)), 0) - coalesce(cast(sum(case when change = 'delete' then price end) * 100 as decimal(38,0)), 0) as sum_of_price
    from touched.moved_product
),
present as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price
    from mirror.product
),
same_rows as (
    select count(*) as rows
    from (
        select
            mirror.product.orderid,
            mirror.product.productid
        from mirror.product
        inner join (
            select distinct
                orderid,
                productid
            from touched.moved_product
            where change = 'put'
        ) as found
            on mirror.product.orderid = found.orderid
            and mirror.product.productid = found.productid
    ) as touched
),
held as (
    select
        coalesce(max(case when name = 'landing.product' then counted end), 0) as n0,
        coalesce(max(case when name = 'landing.product sum of price' then counted end), 0) as n1
    from etl.held
)
select run.run_id, 'changes.product', landed.rows, loaded.rows
from run, landed, loaded
union all
select run.run_id, 'changes.product puts', landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'changes.product deletes', landed.rows - landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'mirror.product', present.rows, held.n0 + moved.came - moved.went
from run, moved, present, held
union all
select run.run_id, 'mirror.product rows that came', moved.came, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'mirror.product rows that went', moved.went, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'changes.product sum of price', landed.sum_of_price, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'mirror.product sum of price', present.sum_of_price, held.n1 + moved.sum_of_price
from run, moved, present, held
union all
select run.run_id, 'mirror.product unique by orderid, productid', same_rows.rows, moved.came
from run, moved, same_rows;

end;
$$ language plpgsql;
