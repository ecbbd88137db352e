-- Gives the members of product surrogate keys, and describes those of the
-- night. A product as its latest order describes it.
-- Grain: one row for each productid, and the unknown member with key 0. Reads:
-- mirror.product, mirror."order". Writes: staging.productkey,
-- staging.product_maxkey, staging.product.
create or replace procedure staging.load_product()
as $$
begin

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.productkey (productkey, productid)
with members as (
    select mirror.product.productid
    from mirror.product
),
new_members as (
    select distinct
        members.productid
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
        mirror."order".orderid,
        mirror."order".orderdate
    from mirror."order"
),
described as (
    select
        mirror.product.productid,
        mirror.product.productname,
        mirror.product.color,
        mirror.product.category,
        mirror.product.orderid,
        found_order.orderdate
    from mirror.product
    left join found_order
        on mirror.product.orderid = found_order.orderid
),
latest as (
    select
        described.productid,
        max(described.orderdate) as highest
    from described
    group by described.productid
),
ranked as (
    select
        described.productid,
        described.productname,
        described.color,
        described.category,
        row_number() over (
            partition by described.productid
            order by
                described.orderid desc nulls last,
                described.productname,
                described.color,
                described.category
        ) as place
    from described
    inner join latest
        on described.productid = latest.productid
        and (described.orderdate = latest.highest or latest.highest is null)
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
