-- Gives every order id a surrogate key, and states the facts of the night.
-- Grain: one row for each product of each order. An order without products
-- has no row.
-- Reads: landing."order", landing.product, the dimensions in staging, so
-- staging.load_date, _customer, _address and _product run before.
-- Writes: staging.orderkey, order_maxkey, "order".
--
-- A fact is never lost for want of a dimension. What the export of the night
-- does not hold is unknown, key 0: date, customer and address of a product
-- whose order item is missing, a customer whose item is missing, the address
-- of a customer without one. The publish phase counts these facts and
-- sql/queries/unknown_members.sql shows them.
create or replace procedure staging.load_order()
as $$
begin

-- New order ids, in their order, after the highest key so far.
insert into staging.orderkey (orderkey, orderid)
with orderids as (
    select orderid from landing."order"
    union
    select orderid from landing.product
),
new_orders as (
    select orderids.orderid
    from orderids
    left join staging.orderkey
        on orderids.orderid = staging.orderkey.orderid
    where staging.orderkey.orderid is null
),
highest_key as (
    select coalesce(max(ordermaxkey), 0) as ordermaxkey
    from staging.order_maxkey
)
select
    cast(highest_key.ordermaxkey
        + row_number() over (order by new_orders.orderid) as integer),
    new_orders.orderid
from new_orders
cross join highest_key;

delete from staging.order_maxkey;

insert into staging.order_maxkey (ordermaxkey)
select coalesce(max(orderkey), 0)
from staging.orderkey;

delete from staging."order";

-- Each dimension holds one row for each value that is joined on, so no join
-- multiplies facts. The user name is what follows CUST# in the partition key.
-- An order id that came twice is one order: the later one. A product that
-- came twice in an order is two facts, which the verification refuses.
insert into staging."order" (
    orderkey, datekey, customerkey, addresskey, productkey,
    price, numberofitems
)
with ranked_orders as (
    select
        orderid,
        substring(pk, 6, length(pk)) as username,
        cast(orderdate as date) as orderdate,
        numberofitems,
        row_number() over (
            partition by orderid
            order by orderdate desc, pk, numberofitems
        ) as place
    from landing."order"
),
orders as (
    select
        orderid,
        username,
        orderdate,
        numberofitems
    from ranked_orders
    where place = 1
)
select
    staging.orderkey.orderkey,
    coalesce(staging.date.datekey, 0),
    coalesce(staging.customer.customerkey, 0),
    coalesce(staging.address.addresskey, 0),
    coalesce(staging.product.productkey, 0),
    landing.product.price,
    orders.numberofitems
from landing.product
inner join staging.orderkey
    on landing.product.orderid = staging.orderkey.orderid
left join orders
    on landing.product.orderid = orders.orderid
left join staging.date
    on orders.orderdate = staging.date.orderdate
left join staging.customer
    on orders.username = staging.customer.username
left join staging.address
    on orders.username = staging.address.username
left join staging.product
    on landing.product.productid = staging.product.productid;

end;
$$ language plpgsql;
