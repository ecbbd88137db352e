-- Empties what landing tables hold. A TRUNCATE would commit
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html).
create or replace procedure mirror.clear()
as $$
begin

delete from mirror.customer_next;

delete from changes.customer;

delete from etl.landing_customer;

delete from mirror.order_next;

delete from changes."order";

delete from etl.landing_order;

delete from mirror.product_next;

delete from changes.product;

delete from etl.landing_product;

end;
$$ language plpgsql;
