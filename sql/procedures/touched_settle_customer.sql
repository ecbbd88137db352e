-- Publishes the touched members of customer.
create or replace procedure touched.settle_customer()
as $$
begin

delete from staging.customer
where customerkey in (
    select staging.customerkey.customerkey
    from staging.customerkey
    inner join (
        select distinct
            username
        from touched.keys_of_customer
    ) as touched
        on staging.customerkey.username = touched.username
);

insert into staging.customer (customerkey, username, email, fullname)
select
    customerkey,
    username,
    email,
    fullname
from touched.members_of_customer;

delete from dwh.customer
where customerkey in (select customerkey from touched.members_of_customer);

-- A touched member whose row is left is gone.
update dwh."customer"
set deleted = true
where deleted = false
    and customerkey in (
        select staging.customerkey.customerkey
        from staging.customerkey
        inner join (
            select distinct
                username
            from touched.keys_of_customer
        ) as touched
            on staging.customerkey.username = touched.username
    );

insert into dwh.customer (customerkey, username, email, fullname, deleted)
select
    customerkey,
    username,
    email,
    fullname,
    false
from touched.members_of_customer;

end;
$$ language plpgsql;
