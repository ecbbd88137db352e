-- Counts the facts of order, and those that an increment touched.
create or replace procedure touched.prove_order()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
star as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price,
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from dwh."order"
),
staged as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price,
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from staging."order"
),
gone as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price,
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from touched.gone_of_order
),
same_facts as (
    select count(*) as rows
    from dwh."order" as published
    inner join staging."order" as stated
        on published.orderkey = stated.orderkey
        and published.productkey = stated.productkey
),
held as (
    select
        coalesce(max(case when name = 'dwh.order' then counted end), 0) as n0,
        coalesce(max(case when name = 'dwh.order sum of price' then counted end), 0) as n1,
        coalesce(max(case when name = 'dwh.order sum of numberofitems' then counted end), 0) as n2
    from etl.held
),
touched_rows as (
    select
        mirror.product.orderid,
        mirror.product.productid,
        mirror.product.productname,
        mirror.product.category,
        mirror.product.color,
        mirror.product.price
    from mirror.product
    inner join (
        select distinct
            orderid,
            productid
        from touched.rows_of_order
    ) as touched
        on mirror.product.orderid = touched.orderid
        and mirror.product.productid = touched.productid
),
landed as (
    select count(*) as rows
    from touched_rows
),
lost as (
    select
        coalesce(sum(case when date_member.datekey is null then 1 else 0 end), 0) as lost_date,
        coalesce(sum(case when customer_member.customerkey is null then 1 else 0 end), 0) as lost_customer,
        coalesce(sum(case when address_member.addresskey is null then 1 else 0 end), 0) as lost_address,
        coalesce(sum(case when product_member.productkey is null then 1 else 0 end), 0) as lost_product
    from staging."order"
    left join dwh.date as date_member
        on staging."order".datekey = date_member.datekey
        and date_member.deleted = false
    left join dwh.customer as customer_member
        on staging."order".customerkey = customer_member.customerkey
        and customer_member.deleted = false
    left join dwh.address as address_member
        on staging."order".addresskey = address_member.addresskey
        and address_member.deleted = false
    left join dwh.product as product_member
        on staging."order".productkey = product_member.productkey
        and product_member.deleted = false
)
select run.run_id, 'dwh.order', star.rows, held.n0 + staged.rows - gone.rows
from run, star, staged, gone, held
union all
select run.run_id, 'dwh.order facts that came', staged.rows, cast(null as decimal(38,0))
from run, staged
union all
select run.run_id, 'dwh.order facts that went', gone.rows, cast(null as decimal(38,0))
from run, gone
union all
select run.run_id, 'staging.order', staged.rows, landed.rows
from run, staged, landed
union all
select run.run_id, 'staging.order unique by orderkey, productkey', same_facts.rows, staged.rows
from run, staged, same_facts
union all
select run.run_id, 'dwh.order sum of price', star.sum_of_price, held.n1 + staged.sum_of_price - gone.sum_of_price
from run, star, staged, gone, held
union all
select run.run_id, 'dwh.order sum of numberofitems', star.sum_of_numberofitems, held.n2 + staged.sum_of_numberofitems - gone.sum_of_numberofitems
from run, star, staged, gone, held
union all
select run.run_id, 'dwh.order without date', lost.lost_date, 0
from run, lost
union all
select run.run_id, 'dwh.order without customer', lost.lost_customer, 0
from run, lost
union all
select run.run_id, 'dwh.order without address', lost.lost_address, 0
from run, lost
union all
select run.run_id, 'dwh.order without product', lost.lost_product, 0
from run, lost;

end;
$$ language plpgsql;
