-- Finds the members of customer that may look different now: before the mirror
-- changes, those that were.
create or replace procedure touched.touch_customer()
as $$
begin

delete from touched.rows_of_customer;

insert into touched.rows_of_customer (username)
select touched.moved_customer.username
from touched.moved_customer;

delete from touched.keys_of_customer;

insert into touched.keys_of_customer (username)
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
        from touched.rows_of_customer
    ) as touched
        on mirror.customer.username = touched.username
)
select touched_rows.username
from touched_rows;


end;
$$ language plpgsql;
