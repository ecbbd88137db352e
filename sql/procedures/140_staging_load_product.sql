-- Gives every product id a surrogate key, and describes the products of the
-- night.
-- Grain: one row for each product id, and the unknown product with key 0.
-- Reads: landing.product, landing."order". Writes: staging.productkey,
-- product_maxkey, product.
--
-- The source describes a product in every order of it, and the descriptions
-- change. A product is what its latest order says; of orders at the same
-- instant the one with the highest order id counts. The price is not part of
-- it: each fact keeps the price of its own line.
create or replace procedure staging.load_product()
as $$
begin

-- New product ids, in their order, after the highest key so far.
insert into staging.productkey (productkey, productid)
with new_products as (
    select distinct landing.product.productid
    from landing.product
    left join staging.productkey
        on landing.product.productid = staging.productkey.productid
    where staging.productkey.productid is null
),
highest_key as (
    select coalesce(max(productmaxkey), 0) as productmaxkey
    from staging.product_maxkey
)
select
    cast(highest_key.productmaxkey
        + row_number() over (order by new_products.productid) as integer),
    new_products.productid
from new_products
cross join highest_key;

delete from staging.product_maxkey;

insert into staging.product_maxkey (productmaxkey)
select coalesce(max(productkey), 0)
from staging.productkey;

delete from staging.product;

insert into staging.product (
    productkey, productid, productname, color, category
)
values (0, null, 'unknown', 'unknown', 'unknown');

insert into staging.product (
    productkey, productid, productname, color, category
)
with order_times as (
    select
        orderid,
        max(orderdate) as orderdate
    from landing."order"
    group by orderid
),
ranked_products as (
    select
        landing.product.productid,
        landing.product.productname,
        landing.product.color,
        landing.product.category,
        row_number() over (
            partition by landing.product.productid
            order by
                order_times.orderdate desc nulls last,
                landing.product.orderid desc,
                landing.product.productname,
                landing.product.color,
                landing.product.category
        ) as place
    from landing.product
    left join order_times
        on landing.product.orderid = order_times.orderid
)
select
    staging.productkey.productkey,
    ranked_products.productid,
    ranked_products.productname,
    ranked_products.color,
    ranked_products.category
from ranked_products
inner join staging.productkey
    on ranked_products.productid = staging.productkey.productid
where ranked_products.place = 1;

end;
$$ language plpgsql;
