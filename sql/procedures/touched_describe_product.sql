-- Makes the touched members of product as they are now.
create or replace procedure touched.describe_product()
as $$
begin

insert into touched.keys_of_product (productid)
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
        from touched.rows_of_product
    ) as touched
        on mirror.product.orderid = touched.orderid
        and mirror.product.productid = touched.productid
)
select touched_rows.productid
from touched_rows;

delete from touched.rows_of_product;

insert into touched.rows_of_product (orderid, productid)
select
    mirror.product.orderid,
    mirror.product.productid
from mirror.product
inner join (
    select distinct
        productid
    from touched.keys_of_product
) as hits
    on mirror.product.productid = hits.productid;

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.productkey (productkey, productid)
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
        from touched.rows_of_product
    ) as touched
        on mirror.product.orderid = touched.orderid
        and mirror.product.productid = touched.productid
),
members as (
    select touched_rows.productid
    from touched_rows
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

delete from touched.members_of_product;

-- Of several rows the one with the highest order.orderdate describes a member.
insert into touched.members_of_product (
    productkey, productid, productname, color, category
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
        from touched.rows_of_product
    ) as touched
        on mirror.product.orderid = touched.orderid
        and mirror.product.productid = touched.productid
),
found_order as (
    select
        mirror."order".orderid,
        mirror."order".orderdate
    from mirror."order"
),
described as (
    select
        touched_rows.productid,
        touched_rows.productname,
        touched_rows.color,
        touched_rows.category,
        touched_rows.orderid,
        found_order.orderdate
    from touched_rows
    left join found_order
        on touched_rows.orderid = found_order.orderid
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

delete from touched.turned_of_product;

insert into touched.turned_of_product (productid)
select staging.productkey.productid
from staging.productkey
inner join (
    select distinct
        productid
    from touched.keys_of_product
) as touched
    on staging.productkey.productid = touched.productid
left join staging.product as was
    on staging.productkey.productkey = was.productkey
left join touched.members_of_product as is_now
    on staging.productkey.productkey = is_now.productkey
where was.productkey is null and is_now.productkey is not null
    or was.productkey is not null and is_now.productkey is null;

end;
$$ language plpgsql;
