-- Publishes the products of the night.
-- Grain: one row for each product ever seen, and the unknown one with key 0.
-- Reads: staging.product. Writes: dwh.product.
-- What the source no longer holds keeps its row and is marked deleted; when it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_product()
as $$
begin

delete from dwh.product
where productkey in (select productkey from staging.product);

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
from staging.product;

-- The night is a full export: what is not in it is gone.
update dwh.product
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.product
        where staging.product.productkey = dwh.product.productkey
    );

end;
$$ language plpgsql;
