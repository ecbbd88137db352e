-- Proves the star, and raises an exception where it cannot: the transaction of
-- the publish phase is then rolled back, and people read the star of the night
-- before.
-- Reads: staging, dwh, and what etl says of them. Writes nothing.
create or replace procedure dwh.verify()
as $$
declare
    counted bigint;
    expected bigint;
begin

-- The star and staging hold the night of one run, and of the same one.
select into counted count(*)
from etl.content
where schema_name in ('staging', 'dwh');
if counted <> 2 then
    raise exception 'etl.content says of % schemas which run they hold, not of 2', counted;
end if;
select into counted count(distinct run_id)
from etl.content
where schema_name in ('staging', 'dwh');
if counted <> 1 then
    raise exception 'staging and dwh hold % runs, not 1', counted;
end if;

-- dwh.date: the members of the night, and those gone; none of them twice.
select into counted count(*)
from dwh.date
where deleted = false;
select into expected count(*)
from staging.date;
if counted <> expected then
    raise exception 'dwh.date has % rows that are not deleted, staging.date has % rows', counted, expected;
end if;
select into counted count(*)
from dwh.date;
select into expected count(distinct datekey)
from dwh.date;
if counted <> expected then
    raise exception 'dwh.date has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from dwh.date
where datekey <> 0;
select into expected count(*)
from (
    select distinct orderdate
    from dwh.date
    where datekey <> 0
) as members;
if counted <> expected then
    raise exception 'dwh.date has % rows for % members', counted, expected;
end if;
select into counted count(*)
from dwh.date
where datekey = 0
    and deleted = false;
if counted <> 1 then
    raise exception 'dwh.date has % rows for the unknown member, not 1', counted;
end if;

-- dwh.customer: the members of the night, and those gone; none of them twice.
select into counted count(*)
from dwh.customer
where deleted = false;
select into expected count(*)
from staging.customer;
if counted <> expected then
    raise exception 'dwh.customer has % rows that are not deleted, staging.customer has % rows', counted, expected;
end if;
select into counted count(*)
from dwh.customer;
select into expected count(distinct customerkey)
from dwh.customer;
if counted <> expected then
    raise exception 'dwh.customer has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from dwh.customer
where customerkey <> 0;
select into expected count(*)
from (
    select distinct username
    from dwh.customer
    where customerkey <> 0
) as members;
if counted <> expected then
    raise exception 'dwh.customer has % rows for % members', counted, expected;
end if;
select into counted count(*)
from dwh.customer
where customerkey = 0
    and deleted = false;
if counted <> 1 then
    raise exception 'dwh.customer has % rows for the unknown member, not 1', counted;
end if;

-- dwh.address: the members of the night, and those gone; none of them twice.
select into counted count(*)
from dwh.address
where deleted = false;
select into expected count(*)
from staging.address;
if counted <> expected then
    raise exception 'dwh.address has % rows that are not deleted, staging.address has % rows', counted, expected;
end if;
select into counted count(*)
from dwh.address;
select into expected count(distinct addresskey)
from dwh.address;
if counted <> expected then
    raise exception 'dwh.address has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from dwh.address
where addresskey <> 0;
select into expected count(*)
from (
    select distinct username, coalesce(rtrim(postcode), '') as postcode
    from dwh.address
    where addresskey <> 0
) as members;
if counted <> expected then
    raise exception 'dwh.address has % rows for % members', counted, expected;
end if;
select into counted count(*)
from dwh.address
where addresskey = 0
    and deleted = false;
if counted <> 1 then
    raise exception 'dwh.address has % rows for the unknown member, not 1', counted;
end if;

-- dwh.product: the members of the night, and those gone; none of them twice.
select into counted count(*)
from dwh.product
where deleted = false;
select into expected count(*)
from staging.product;
if counted <> expected then
    raise exception 'dwh.product has % rows that are not deleted, staging.product has % rows', counted, expected;
end if;
select into counted count(*)
from dwh.product;
select into expected count(distinct productkey)
from dwh.product;
if counted <> expected then
    raise exception 'dwh.product has % rows with % surrogate keys', counted, expected;
end if;
select into counted count(*)
from dwh.product
where productkey <> 0;
select into expected count(*)
from (
    select distinct productid
    from dwh.product
    where productkey <> 0
) as members;
if counted <> expected then
    raise exception 'dwh.product has % rows for % members', counted, expected;
end if;
select into counted count(*)
from dwh.product
where productkey = 0
    and deleted = false;
if counted <> 1 then
    raise exception 'dwh.product has % rows for the unknown member, not 1', counted;
end if;

-- dwh.order: the facts of the night, no more and no fewer.
select into counted count(*)
from dwh."order";
select into expected count(*)
from staging."order";
if counted <> expected then
    raise exception 'dwh.order has % rows, staging.order has %', counted, expected;
end if;
select into expected count(*)
from (select distinct orderkey, productkey from dwh."order") as order_lines;
if counted <> expected then
    raise exception 'dwh.order has % rows with % pairs of order and product', counted, expected;
end if;
select into counted coalesce(cast(sum(price) * 100 as bigint), 0)
from dwh."order";
select into expected coalesce(cast(sum(price) * 100 as bigint), 0)
from staging."order";
if counted <> expected then
    raise exception 'dwh.order sums up to % cents, staging.order to % cents', counted, expected;
end if;
select into counted coalesce(sum(numberofitems), 0)
from dwh."order";
select into expected coalesce(sum(numberofitems), 0)
from staging."order";
if counted <> expected then
    raise exception 'dwh.order sums up to % items, staging.order to %', counted, expected;
end if;

select into counted count(*)
from dwh."order"
left join dwh.date
    on dwh."order".datekey = dwh.date.datekey
where dwh.date.datekey is null;
if counted <> 0 then
    raise exception 'dwh.order has % rows whose datekey is not in dwh.date', counted;
end if;

select into counted count(*)
from dwh."order"
left join dwh.customer
    on dwh."order".customerkey = dwh.customer.customerkey
where dwh.customer.customerkey is null;
if counted <> 0 then
    raise exception 'dwh.order has % rows whose customerkey is not in dwh.customer', counted;
end if;

select into counted count(*)
from dwh."order"
left join dwh.address
    on dwh."order".addresskey = dwh.address.addresskey
where dwh.address.addresskey is null;
if counted <> 0 then
    raise exception 'dwh.order has % rows whose addresskey is not in dwh.address', counted;
end if;

select into counted count(*)
from dwh."order"
left join dwh.product
    on dwh."order".productkey = dwh.product.productkey
where dwh.product.productkey is null;
if counted <> 0 then
    raise exception 'dwh.order has % rows whose productkey is not in dwh.product', counted;
end if;

end;
$$ language plpgsql;
