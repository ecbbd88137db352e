-- Publishes the facts of the night.
-- Grain: one row for each product of each order.
-- Reads: staging."order". Writes: dwh."order".
create or replace procedure dwh.load_order()
as $$
begin

-- An order is replaced whole, so a product that was taken out of it goes.
delete from dwh."order"
where orderkey in (select orderkey from staging."order");

-- The night is a full export: an order that is not in it, or has no products
-- any more, is gone.
delete from dwh."order"
where not exists (
    select 1
    from staging."order"
    where staging."order".orderkey = dwh."order".orderkey
);

insert into dwh."order" (
    orderkey, datekey, customerkey, addresskey, productkey,
    price, numberofitems
)
select
    orderkey,
    datekey,
    customerkey,
    addresskey,
    productkey,
    price,
    numberofitems
from staging."order";

end;
$$ language plpgsql;
