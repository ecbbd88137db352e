-- Publishes the touched members of product.
create or replace procedure "delta".settle_product()
as $$
begin

delete from staging.product
where productkey in (
    select staging.productkey.productkey
    from staging.productkey
    inner join (
        select distinct
            productid
        from "delta".keys_of_product
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
from "delta".members_of_product;

delete from dwh.product
where productkey in (select productkey from "delta".members_of_product);

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
            from "delta".keys_of_product
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
from "delta".members_of_product;

end;
$$ language plpgsql;
