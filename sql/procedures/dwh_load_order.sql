-- Publishes the facts of staging."order". The night is a full export, so they
-- replace all others.
-- Grain: One row for each product of each order. Reads: staging."order".
-- Writes: dwh."order".
create or replace procedure dwh.load_order()
as $$
begin

delete from dwh."order";

insert into dwh."order" (
    orderkey, datekey, customerkey, addresskey, productkey, price,
    numberofitems
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
