-- Empties landing. A TRUNCATE would commit
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html).
create or replace procedure landing.clear()
as $$
begin

delete from landing.customer;

delete from landing."order";

delete from landing.product;

delete from etl.landing_customer;

delete from etl.landing_order;

delete from etl.landing_product;

end;
$$ language plpgsql;
