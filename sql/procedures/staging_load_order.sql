-- States the facts of the night.
-- Grain: One row for each product of each order. Reads: mirror.product,
-- mirror."order", mirror.customer, staging.date, staging.customer,
-- staging.address, staging.product. Writes: staging.orderkey,
-- staging.order_maxkey, staging."order".
-- A fact is never lost for want of a member. What the night does not hold is
-- unknown, key 0.
create or replace procedure staging.load_order()
as $$
begin

-- New documents, in the order of what identifies them, after the highest key so
-- far.
insert into staging.orderkey (orderkey, orderid)
with members as (
    select mirror.product.orderid
    from mirror.product
    union all
    select mirror."order".orderid
    from mirror."order"
),
new_members as (
    select distinct
        members.orderid
    from members
    left join staging.orderkey
        on members.orderid = staging.orderkey.orderid
    where staging.orderkey.orderkey is null
),
highest_key as (
    select coalesce(max(ordermaxkey), 0) as highest
    from staging.order_maxkey
)
select
    cast(highest_key.highest
        + row_number() over (order by new_members.orderid) as integer),
    new_members.orderid
from new_members
cross join highest_key;

delete from staging.order_maxkey;

insert into staging.order_maxkey (ordermaxkey)
select coalesce(max(orderkey), 0)
from staging.orderkey;

delete from staging."order";

-- What a fact looks up has one row for each key, and a dimension one for each
-- member, so no join multiplies facts.
insert into staging."order" (
    orderkey, datekey, customerkey, addresskey, productkey, price,
    numberofitems
)
with found_customer as (
    select
        mirror.customer.username,
        address_member.addresskey
    from mirror.customer
    left join staging.address as address_member
        on mirror.customer.username = address_member.username
        and coalesce(rtrim(mirror.customer.postcode), '') = coalesce(rtrim(address_member.postcode), '')
),
found_order as (
    select
        mirror."order".orderid,
        mirror."order".numberofitems,
        date_member.datekey,
        customer_member.customerkey,
        found_customer.addresskey
    from mirror."order"
    left join found_customer
        on mirror."order".username = found_customer.username
    left join staging.date as date_member
        on cast(mirror."order".orderdate as date) = date_member.orderdate
    left join staging.customer as customer_member
        on mirror."order".username = customer_member.username
)
select
    staging.orderkey.orderkey,
    coalesce(found_order.datekey, 0),
    coalesce(found_order.customerkey, 0),
    coalesce(found_order.addresskey, 0),
    coalesce(product_member.productkey, 0),
    mirror.product.price,
    found_order.numberofitems
from mirror.product
left join found_order
    on mirror.product.orderid = found_order.orderid
left join staging.product as product_member
    on mirror.product.productid = product_member.productid
inner join staging.orderkey
    on mirror.product.orderid = staging.orderkey.orderid;

end;
$$ language plpgsql;
