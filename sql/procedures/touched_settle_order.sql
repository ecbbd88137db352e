-- States the touched facts of order, and publishes them.
create or replace procedure touched.settle_order()
as $$
begin

-- New documents, in the order of what identifies them, after the highest key so
-- far.
insert into staging.orderkey (orderkey, orderid)
with touched_rows as (
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
members as (
    select touched_rows.orderid
    from touched_rows
    union all
    select touched.moved_order.orderid
    from touched.moved_order
    where touched.moved_order.change = 'put'
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
with touched_rows as (
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
found_order as (
    select
        mirror."order".orderid,
        mirror."order".username,
        mirror."order".numberofitems,
        mirror."order".orderdate
    from mirror."order"
),
found_customer as (
    select
        mirror.customer.username,
        mirror.customer.postcode
    from mirror.customer
)
select
    staging.orderkey.orderkey,
    coalesce(date_member.datekey, 0),
    coalesce(customer_member.customerkey, 0),
    coalesce(address_member.addresskey, 0),
    coalesce(product_member.productkey, 0),
    touched_rows.price,
    found_order.numberofitems
from touched_rows
left join found_order
    on touched_rows.orderid = found_order.orderid
left join found_customer
    on found_order.username = found_customer.username
left join staging.date as date_member
    on cast(found_order.orderdate as date) = date_member.orderdate
left join staging.customer as customer_member
    on found_order.username = customer_member.username
left join staging.address as address_member
    on found_customer.username = address_member.username
    and coalesce(rtrim(found_customer.postcode), '') = coalesce(rtrim(address_member.postcode), '')
    and found_customer.username is not null
left join staging.product as product_member
    on touched_rows.productid = product_member.productid
inner join staging.orderkey
    on touched_rows.orderid = staging.orderkey.orderid;

delete from dwh."order"
where exists (
    select 1
    from touched.gone_of_order
    where dwh."order".orderkey = touched.gone_of_order.orderkey
        and dwh."order".productkey = touched.gone_of_order.productkey
);

insert into dwh."order" (
    orderkey, datekey, customerkey, addresskey, productkey, price,
    numberofitems
)
select
    orderkey,
    datekey,
    customerkey,
    addresskey,
    productkey,
    price,
    numberofitems
from staging."order";

end;
$$ language plpgsql;
