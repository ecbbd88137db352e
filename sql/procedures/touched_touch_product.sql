-- Finds the members of product that may look different now: before the mirror
-- changes, those that were.
create or replace procedure touched.touch_product()
as $$
begin

delete from touched.rows_of_product;

insert into touched.rows_of_product (orderid, productid)
select
    touched.moved_product.orderid,
    touched.moved_product.productid
from touched.moved_product;

insert into touched.rows_of_product (orderid, productid)
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

delete from touched.keys_of_product;

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


end;
$$ language plpgsql;
