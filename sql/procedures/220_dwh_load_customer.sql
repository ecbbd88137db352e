-- Publishes the customers of the night.
-- Grain: one row for each customer ever seen, and the unknown one with key 0.
-- Reads: staging.customer. Writes: dwh.customer.
-- What the source no longer holds keeps its row and is marked deleted; when it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_customer()
as $$
begin

delete from dwh.customer
where customerkey in (select customerkey from staging.customer);

insert into dwh.customer (
    customerkey, username, email, fullname, deleted
)
select
    customerkey,
    username,
    email,
    fullname,
    false
from staging.customer;

-- The night is a full export: what is not in it is gone.
update dwh.customer
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.customer
        where staging.customer.customerkey = dwh.customer.customerkey
    );

end;
$$ language plpgsql;
