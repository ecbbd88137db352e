-- Publishes the members of staging.product.
-- Grain: one row for each member ever seen, and the unknown one with key 0.
-- Reads: staging.product. Writes: dwh.product.
-- What the source no longer holds keeps its row and is marked deleted. When it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_product()
as $$
begin

delete from dwh.product
where productkey in (select productkey from staging.product);

-- The night is a full export, so a member whose row is left is gone.
update dwh."product"
set deleted = true
where deleted = false;

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

end;
$$ language plpgsql;
