-- Proves the night in staging, and raises an exception where it cannot: the
-- transaction of the stage phase is then rolled back.
-- Reads: landing, its loads in etl, staging, and dwh."order" for one check.
-- Writes nothing.
--
-- Redshift enforces no key and its planner believes every declared one, so
-- all of them are counted here.
create or replace procedure staging.verify()
as $$
declare
    counted bigint;
    expected bigint;
begin

-- Landing holds one run, whole: every table of it, each as it was loaded. A
-- COPY of a run that was given up may end late and change a table.
select into counted count(*)
from (
    select run_id from etl.landing_address
    union all
    select run_id from etl.landing_customer
    union all
    select run_id from etl.landing_order
    union all
    select run_id from etl.landing_product
) as loads;
if counted <> 4 then
    raise exception 'landing has % tables that a run has loaded, not 4', counted;
end if;
select into counted count(distinct run_id)
from (
    select run_id from etl.landing_address
    union all
    select run_id from etl.landing_customer
    union all
    select run_id from etl.landing_order
    union all
    select run_id from etl.landing_product
) as loads;
if counted <> 1 then
    raise exception 'landing holds the tables of % runs, not of 1', counted;
end if;
select into counted count(*)
from landing.address;
select into expected coalesce(sum(rows), 0)
from etl.landing_address;
if counted <> expected then
    raise exception 'landing.address has % rows, % were loaded', counted, expected;
end if;
select into counted count(*)
from landing.customer;
select into expected coalesce(sum(rows), 0)
from etl.landing_customer;
if counted <> expected then
    raise exception 'landing.customer has % rows, % were loaded', counted, expected;
end if;
select into counted count(*)
from landing."order";
select into expected coalesce(sum(rows), 0)
from etl.landing_order;
if counted <> expected then
    raise exception 'landing.order has % rows, % were loaded', counted, expected;
end if;
select into counted count(*)
from landing.product;
select into expected coalesce(sum(rows), 0)
from etl.landing_product;
if counted <> expected then
    raise exception 'landing.product has % rows, % were loaded', counted, expected;
end if;

-- An export without items would look like a source from which everything is
-- gone.
select into counted count(*)
from dwh."order"
where 0 = (select count(*) from landing.customer)
    + (select count(*) from landing."order")
    + (select count(*) from landing.product);
if counted <> 0 then
    raise exception 'the export has no item that could be loaded, but dwh.order has % rows: if the table was emptied on purpose, delete them first', counted;
end if;

-- staging.datekey: keys are dense, each is given once, to one member.
select into counted count(*)
from staging.datekey;
select into expected count(*)
from (select distinct orderdate from staging.datekey) as members;
if counted <> expected then
    raise exception 'staging.datekey has % rows for % members', counted, expected;
end if;
select into expected count(distinct datekey)
from staging.datekey;
if counted <> expected then
    raise exception 'staging.datekey has % rows with % surrogate keys', counted, expected;
end if;
select into expected coalesce(max(datemaxkey), 0)
from staging.date_maxkey;
if counted <> expected then
    raise exception 'staging.datekey has % rows, but staging.date_maxkey holds %', counted, expected;
end if;
select into expected coalesce(max(datekey), 0)
from staging.datekey;
if counted <> expected then
    raise exception 'staging.datekey has % rows, but its highest key is %', counted, expected;
end if;

-- staging.date: one row for each member of the night, and the unknown one.
select into counted count(*)
from staging.date
where datekey <> 0;
select into expected count(distinct cast(orderdate as date))
from landing."order";
if counted <> expected then
    raise exception 'staging.date has % rows, landing.order has % days', counted, expected;
end if;
select into expected count(distinct datekey)
from staging.date
where datekey <> 0;
if counted <> expected then
    raise exception 'staging.date has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from staging.date
where datekey = 0;
if counted <> 1 then
    raise exception 'staging.date has % rows for the unknown member, not 1', counted;
end if;

-- staging.customerkey: keys are dense, each is given once, to one member.
select into counted count(*)
from staging.customerkey;
select into expected count(*)
from (select distinct username from staging.customerkey) as members;
if counted <> expected then
    raise exception 'staging.customerkey has % rows for % members', counted, expected;
end if;
select into expected count(distinct customerkey)
from staging.customerkey;
if counted <> expected then
    raise exception 'staging.customerkey has % rows with % surrogate keys', counted, expected;
end if;
select into expected coalesce(max(customermaxkey), 0)
from staging.customer_maxkey;
if counted <> expected then
    raise exception 'staging.customerkey has % rows, but staging.customer_maxkey holds %', counted, expected;
end if;
select into expected coalesce(max(customerkey), 0)
from staging.customerkey;
if counted <> expected then
    raise exception 'staging.customerkey has % rows, but its highest key is %', counted, expected;
end if;

-- staging.customer: one row for each member of the night, and the unknown one.
select into counted count(*)
from staging.customer
where customerkey <> 0;
select into expected count(distinct username)
from landing.customer;
if counted <> expected then
    raise exception 'staging.customer has % rows, landing.customer has % user names', counted, expected;
end if;
select into expected count(distinct customerkey)
from staging.customer
where customerkey <> 0;
if counted <> expected then
    raise exception 'staging.customer has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from staging.customer
where customerkey = 0;
if counted <> 1 then
    raise exception 'staging.customer has % rows for the unknown member, not 1', counted;
end if;

-- staging.addresskey: keys are dense, each is given once, to one member.
select into counted count(*)
from staging.addresskey;
select into expected count(*)
from (select distinct username, postcode from staging.addresskey) as members;
if counted <> expected then
    raise exception 'staging.addresskey has % rows for % members', counted, expected;
end if;
select into expected count(distinct addresskey)
from staging.addresskey;
if counted <> expected then
    raise exception 'staging.addresskey has % rows with % surrogate keys', counted, expected;
end if;
select into expected coalesce(max(addressmaxkey), 0)
from staging.address_maxkey;
if counted <> expected then
    raise exception 'staging.addresskey has % rows, but staging.address_maxkey holds %', counted, expected;
end if;
select into expected coalesce(max(addresskey), 0)
from staging.addresskey;
if counted <> expected then
    raise exception 'staging.addresskey has % rows, but its highest key is %', counted, expected;
end if;

-- staging.address: one row for each member of the night, and the unknown one.
select into counted count(*)
from staging.address
where addresskey <> 0;
select into expected count(distinct username)
from landing.address
where coalesce(addressline1, addressline2, city, postcode, country)
    is not null;
if counted <> expected then
    raise exception 'staging.address has % rows, landing.address has % user names with an address', counted, expected;
end if;
select into expected count(distinct addresskey)
from staging.address
where addresskey <> 0;
if counted <> expected then
    raise exception 'staging.address has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from staging.address
where addresskey = 0;
if counted <> 1 then
    raise exception 'staging.address has % rows for the unknown member, not 1', counted;
end if;

-- staging.productkey: keys are dense, each is given once, to one member.
select into counted count(*)
from staging.productkey;
select into expected count(*)
from (select distinct productid from staging.productkey) as members;
if counted <> expected then
    raise exception 'staging.productkey has % rows for % members', counted, expected;
end if;
select into expected count(distinct productkey)
from staging.productkey;
if counted <> expected then
    raise exception 'staging.productkey has % rows with % surrogate keys', counted, expected;
end if;
select into expected coalesce(max(productmaxkey), 0)
from staging.product_maxkey;
if counted <> expected then
    raise exception 'staging.productkey has % rows, but staging.product_maxkey holds %', counted, expected;
end if;
select into expected coalesce(max(productkey), 0)
from staging.productkey;
if counted <> expected then
    raise exception 'staging.productkey has % rows, but its highest key is %', counted, expected;
end if;

-- staging.product: one row for each member of the night, and the unknown one.
select into counted count(*)
from staging.product
where productkey <> 0;
select into expected count(distinct productid)
from landing.product;
if counted <> expected then
    raise exception 'staging.product has % rows, landing.product has % product ids', counted, expected;
end if;
select into expected count(distinct productkey)
from staging.product
where productkey <> 0;
if counted <> expected then
    raise exception 'staging.product has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from staging.product
where productkey = 0;
if counted <> 1 then
    raise exception 'staging.product has % rows for the unknown member, not 1', counted;
end if;

-- staging.orderkey: keys are dense, each is given once, to one member.
select into counted count(*)
from staging.orderkey;
select into expected count(*)
from (select distinct orderid from staging.orderkey) as members;
if counted <> expected then
    raise exception 'staging.orderkey has % rows for % members', counted, expected;
end if;
select into expected count(distinct orderkey)
from staging.orderkey;
if counted <> expected then
    raise exception 'staging.orderkey has % rows with % surrogate keys', counted, expected;
end if;
select into expected coalesce(max(ordermaxkey), 0)
from staging.order_maxkey;
if counted <> expected then
    raise exception 'staging.orderkey has % rows, but staging.order_maxkey holds %', counted, expected;
end if;
select into expected coalesce(max(orderkey), 0)
from staging.orderkey;
if counted <> expected then
    raise exception 'staging.orderkey has % rows, but its highest key is %', counted, expected;
end if;

-- staging.order: one row for each product of each order, with its price.
select into counted count(*)
from staging."order";
select into expected count(*)
from landing.product;
if counted <> expected then
    raise exception 'staging.order has % rows, landing.product has % order lines', counted, expected;
end if;
select into expected count(*)
from (select distinct orderkey, productkey from staging."order") as order_lines;
if counted <> expected then
    raise exception 'staging.order has % rows with % pairs of order and product', counted, expected;
end if;
select into counted coalesce(cast(sum(price) * 100 as bigint), 0)
from staging."order";
select into expected coalesce(cast(sum(price) * 100 as bigint), 0)
from landing.product;
if counted <> expected then
    raise exception 'staging.order sums up to % cents, landing.product to % cents', counted, expected;
end if;

select into counted count(*)
from staging."order"
left join staging.date
    on staging."order".datekey = staging.date.datekey
where staging.date.datekey is null;
if counted <> 0 then
    raise exception 'staging.order has % rows whose datekey is not in staging.date', counted;
end if;

select into counted count(*)
from staging."order"
left join staging.customer
    on staging."order".customerkey = staging.customer.customerkey
where staging.customer.customerkey is null;
if counted <> 0 then
    raise exception 'staging.order has % rows whose customerkey is not in staging.customer', counted;
end if;

select into counted count(*)
from staging."order"
left join staging.address
    on staging."order".addresskey = staging.address.addresskey
where staging.address.addresskey is null;
if counted <> 0 then
    raise exception 'staging.order has % rows whose addresskey is not in staging.address', counted;
end if;

select into counted count(*)
from staging."order"
left join staging.product
    on staging."order".productkey = staging.product.productkey
where staging.product.productkey is null;
if counted <> 0 then
    raise exception 'staging.order has % rows whose productkey is not in staging.product', counted;
end if;

end;
$$ language plpgsql;
