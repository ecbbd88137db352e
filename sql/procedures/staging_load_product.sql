-- Gives the members of product surrogate keys, and describes those of the
-- night. A product as its latest order describes it.
-- Grain: one row for each productid, and the unknown member with key 0. Reads:
-- landing.product, landing."order". Writes: staging.productkey,
-- staging.product_maxkey, staging.product.
create or replace procedure staging.load_product()
as $$
begin

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.productkey (productkey, productid)
with members as (
    select distinct
        landing.product.productid
    from landing.product
),
new_members as (
    select members.productid
    from members
    left join staging.productkey
        on members.productid = staging.productkey.productid
    where staging.productkey.productkey is null
),
highest_key as (
    select coalesce(max(productmaxkey), 0) as highest
    from staging.product_maxkey
)
select
    cast(highest_key.highest
        + row_number() over (order by new_members.productid) as integer),
    new_members.productid
from new_members
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

-- Of several rows the one with the highest order.orderdate describes a member.
insert into staging.product (
    productkey, productid, productname, color, category
)
with found_order as (
    select
        landing."order".orderid,
        landing."order".orderdate
    from landing."order"
),
latest as (
    select
        landing.product.productid,
        max(found_order.orderdate) as highest
    from landing.product
    left join found_order
        on landing.product.orderid = found_order.orderid
    group by landing.product.productid
),
ranked as (
    select
        landing.product.productid,
        landing.product.productname,
        landing.product.color,
        landing.product.category,
        row_number() over (
            partition by landing.product.productid
            order by
                landing.product.orderid desc nulls last,
                landing.product.productname,
                landing.product.color,
                landing.product.category
        ) as place
    from landing.product
    left join found_order
        on landing.product.orderid = found_order.orderid
    inner join latest
        on landing.product.productid = latest.productid
        and (found_order.orderdate = latest.highest or latest.highest is null)
)
select
    staging.productkey.productkey,
    ranked.productid,
    ranked.productname,
    ranked.color,
    ranked.category
from ranked
inner join staging.productkey
    on ranked.productid = staging.productkey.productid
where ranked.place = 1;

end;
$$ language plpgsql;
