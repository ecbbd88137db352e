-- Publishes the touched members of product.
create or replace procedure touched.settle_product()
as $$
begin

delete from staging.product
where productkey in (
    select staging.productkey.productkey
    from staging.productkey
    inner join (
        select distinct
            productid
        from touched.keys_of_product
    ) as touched
        on staging.productkey.productid = touched.productid
);

insert into staging.product (
    productkey, productid, productname, color, category
)
select
    productkey,
    productid,
    productname,
    color,
    category
from touched.members_of_product;

delete from dwh.product
where productkey in (select productkey from touched.members_of_product);

-- A touched member whose row is left is gone.
update dwh."product"
set deleted = true
where deleted = false
    and productkey in (
        select staging.productkey.productkey
        from staging.productkey
        inner join (
            select distinct
                productid
            from touched.keys_of_product
        ) as touched
            on staging.productkey.productid = touched.productid
    );

insert into dwh.product (
    productkey, productid, productname, color, category, deleted
)
select
    productkey,
    productid,
    productname,
    color,
    category,
    false
from touched.members_of_product;

end;
$$ language plpgsql;
