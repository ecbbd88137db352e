-- Finds the members of product that may look different now: before the mirror
-- changes, those that were.
create or replace procedure "delta".touch_product()
as $$
begin

delete from "delta".rows_of_product;

insert into "delta".rows_of_product (orderid, productid)
select
    "delta".moved_product.orderid,
    "delta".moved_product.productid
from "delta".moved_product;

insert into "delta".rows_of_product (orderid, productid)
select
    mirror.product.orderid,
    mirror.product.productid
from mirror.product
inner join (
    select distinct
        "delta".moved_order.orderid
    from "delta".moved_order
) as hits
    on mirror.product.orderid = hits.orderid;

delete from "delta".keys_of_product;

insert into "delta".keys_of_product (productid)
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
        from "delta".rows_of_product
    ) as touched
        on mirror.product.orderid = touched.orderid
        and mirror.product.productid = touched.productid
)
select touched_rows.productid
from touched_rows;


end;
$$ language plpgsql;
