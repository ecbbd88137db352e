-- Finds the members of customer that may look different now: before the mirror
-- changes, those that were.
create or replace procedure "delta".touch_customer()
as $$
begin

delete from "delta".rows_of_customer;

insert into "delta".rows_of_customer (username)
select "delta".moved_customer.username
from "delta".moved_customer;

delete from "delta".keys_of_customer;

insert into "delta".keys_of_customer (username)
with touched_rows as (
    select
        mirror.customer.username,
        mirror.customer.email,
        mirror.customer.fullname,
        mirror.customer.addressline1,
        mirror.customer.addressline2,
        mirror.customer.city,
        mirror.customer.postcode,
        mirror.customer.country
    from mirror.customer
    inner join (
        select distinct
            username
        from "delta".rows_of_customer
    ) as touched
        on mirror.customer.username = touched.username
)
select touched_rows.username
from touched_rows;


end;
$$ language plpgsql;
