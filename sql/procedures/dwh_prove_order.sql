-- Counts the facts of dwh."order", and those without a member.
create or replace procedure dwh.prove_order()
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
        coalesce(cast(sum(dwh."order".orderkey) as decimal(38,0)), 0) as sum_of_orderkey,
        coalesce(cast(sum(dwh."order".datekey) as decimal(38,0)), 0) as sum_of_datekey,
        coalesce(sum(case when dwh."order".datekey = 0 then 1 else 0 end), 0) as unknown_date,
        coalesce(sum(case when date_member.datekey is null then 1 else 0 end), 0) as lost_date,
        coalesce(cast(sum(dwh."order".customerkey) as decimal(38,0)), 0) as sum_of_customerkey,
        coalesce(sum(case when dwh."order".customerkey = 0 then 1 else 0 end), 0) as unknown_customer,
        coalesce(sum(case when customer_member.customerkey is null then 1 else 0 end), 0) as lost_customer,
        coalesce(cast(sum(dwh."order".addresskey) as decimal(38,0)), 0) as sum_of_addresskey,
        coalesce(sum(case when dwh."order".addresskey = 0 then 1 else 0 end), 0) as unknown_address,
        coalesce(sum(case when address_member.addresskey is null then 1 else 0 end), 0) as lost_address,
        coalesce(cast(sum(dwh."order".productkey) as decimal(38,0)), 0) as sum_of_productkey,
        coalesce(sum(case when dwh."order".productkey = 0 then 1 else 0 end), 0) as unknown_product,
        coalesce(sum(case when product_member.productkey is null then 1 else 0 end), 0) as lost_product,
        coalesce(cast(sum(dwh."order".price) * 100 as decimal(38,0)), 0) as sum_of_price,
        coalesce(cast(sum(dwh."order".numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from dwh."order"
    left join dwh.date as date_member
        on dwh."order".datekey = date_member.datekey
        and date_member.deleted = false
    left join dwh.customer as customer_member
        on dwh."order".customerkey = customer_member.customerkey
        and customer_member.deleted = false
    left join dwh.address as address_member
        on dwh."order".addresskey = address_member.addresskey
        and address_member.deleted = false
    left join dwh.product as product_member
        on dwh."order".productkey = product_member.productkey
        and product_member.deleted = false
),
night as (
    select
        count(*) as rows,
        coalesce(cast(sum(orderkey) as decimal(38,0)), 0) as sum_of_orderkey,
        coalesce(cast(sum(datekey) as decimal(38,0)), 0) as sum_of_datekey,
        coalesce(cast(sum(customerkey) as decimal(38,0)), 0) as sum_of_customerkey,
        coalesce(cast(sum(addresskey) as decimal(38,0)), 0) as sum_of_addresskey,
        coalesce(cast(sum(productkey) as decimal(38,0)), 0) as sum_of_productkey,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price,
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from staging."order"
)
select run.run_id, 'dwh.order', star.rows, night.rows
from run, star, night
union all
select run.run_id, 'dwh.order sum of orderkey', star.sum_of_orderkey, night.sum_of_orderkey
from run, star, night
union all
select run.run_id, 'dwh.order sum of datekey', star.sum_of_datekey, night.sum_of_datekey
from run, star, night
union all
select run.run_id, 'dwh.order on unknown date', star.unknown_date, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.order without date', star.lost_date, 0
from run, star
union all
select run.run_id, 'dwh.order sum of customerkey', star.sum_of_customerkey, night.sum_of_customerkey
from run, star, night
union all
select run.run_id, 'dwh.order on unknown customer', star.unknown_customer, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.order without customer', star.lost_customer, 0
from run, star
union all
select run.run_id, 'dwh.order sum of addresskey', star.sum_of_addresskey, night.sum_of_addresskey
from run, star, night
union all
select run.run_id, 'dwh.order on unknown address', star.unknown_address, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.order without address', star.lost_address, 0
from run, star
union all
select run.run_id, 'dwh.order sum of productkey', star.sum_of_productkey, night.sum_of_productkey
from run, star, night
union all
select run.run_id, 'dwh.order on unknown product', star.unknown_product, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.order without product', star.lost_product, 0
from run, star
union all
select run.run_id, 'dwh.order sum of price', star.sum_of_price, night.sum_of_price
from run, star, night
union all
select run.run_id, 'dwh.order sum of numberofitems', star.sum_of_numberofitems, night.sum_of_numberofitems
from run, star, night;

end;
$$ language plpgsql;
