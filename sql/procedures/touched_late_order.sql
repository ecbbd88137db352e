-- Finds the facts of order whose members have come or gone, as they were.
create or replace procedure touched.late_order()
as $$
begin

delete from touched.late_rows_of_order;

insert into touched.late_rows_of_order (orderid, productid)
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
            orderdate
        from touched.turned_of_date
    ) as hits
        on cast(mirror."order".orderdate as date) = hits.orderdate
) as hits
    on mirror.product.orderid = hits.orderid;

insert into touched.late_rows_of_order (orderid, productid)
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
            username
        from touched.turned_of_customer
    ) as hits
        on mirror."order".username = hits.username
) as hits
    on mirror.product.orderid = hits.orderid;

insert into touched.late_rows_of_order (orderid, productid)
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
            mirror.customer.username
        from mirror.customer
        inner join (
            select distinct
                username,
                postcode
            from touched.turned_of_address
        ) as hits
            on mirror.customer.username = hits.username
            and coalesce(rtrim(mirror.customer.postcode), '') = hits.postcode
    ) as hits
        on mirror."order".username = hits.username
) as hits
    on mirror.product.orderid = hits.orderid;

insert into touched.late_rows_of_order (orderid, productid)
select
    mirror.product.orderid,
    mirror.product.productid
from mirror.product
inner join (
    select distinct
        productid
    from touched.turned_of_product
) as hits
    on mirror.product.productid = hits.productid;

delete from touched.late_rows_of_order
where exists (
    select 1
    from touched.rows_of_order
    where touched.late_rows_of_order.orderid = touched.rows_of_order.orderid
        and touched.late_rows_of_order.productid = touched.rows_of_order.productid
);

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
        from touched.late_rows_of_order
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

insert into touched.rows_of_order (orderid, productid)
select
    orderid,
    productid
from touched.late_rows_of_order;

end;
$$ language plpgsql;
