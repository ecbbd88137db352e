-- Publishes the members of staging.customer.
-- Grain: one row for each member ever seen, and the unknown one with key 0.
-- Reads: staging.customer. Writes: dwh.customer.
-- What the source no longer holds keeps its row and is marked deleted. When it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_customer()
as $$
begin

delete from dwh.customer
where customerkey in (select customerkey from staging.customer);

-- The night is a full export, so a member whose row is left is gone.
update dwh."customer"
set deleted = true
where deleted = false;

insert into dwh.customer (customerkey, username, email, fullname, deleted)
select
    customerkey,
    username,
    email,
    fullname,
    false
from staging.customer;

end;
$$ language plpgsql;
