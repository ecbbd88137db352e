-- Finds the facts of order that may look different now, as they were.
create or replace procedure touched.touch_order()
as $$
begin

delete from touched.rows_of_order;

insert into touched.rows_of_order (orderid, productid)
select
    touched.moved_product.orderid,
    touched.moved_product.productid
from touched.moved_product;

insert into touched.rows_of_order (orderid, productid)
select
    mirror.product.orderid,
    mirror.product.productid
from mirror.product
inner join (
    select distinct
        touched.moved_order.orderid
    from touched.moved_order
) as hits
    on mirror.product.orderid = hits.orderid;

insert into touched.rows_of_order (orderid, productid)
select
    mirror.product.orderid,
    mirror.product.productid
from mirror.product
inner join (
    select distinct
        mirror."order".orderid
    from mirror."order"
    inner join (
        select distinct
            touched.moved_customer.username
        from touched.moved_customer
    ) as hits
        on mirror."order".username = hits.username
) as hits
    on mirror.product.orderid = hits.orderid;

delete from touched.gone_of_order;

insert into touched.gone_of_order (
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

end;
$$ language plpgsql;
