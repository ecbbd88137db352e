-- Gives every user name a surrogate key, and describes the customers of the
-- night.
-- Grain: one row for each user name, and the unknown customer with key 0.
-- Reads: landing.customer. Writes: staging.customerkey, customer_maxkey,
-- customer.
create or replace procedure staging.load_customer()
as $$
begin

-- New user names, in their order, after the highest key so far.
insert into staging.customerkey (customerkey, username)
with new_customers as (
    select distinct landing.customer.username
    from landing.customer
    left join staging.customerkey
        on landing.customer.username = staging.customerkey.username
    where staging.customerkey.username is null
),
highest_key as (
    select coalesce(max(customermaxkey), 0) as customermaxkey
    from staging.customer_maxkey
)
select
    cast(highest_key.customermaxkey
        + row_number() over (order by new_customers.username) as integer),
    new_customers.username
from new_customers
cross join highest_key;

delete from staging.customer_maxkey;

insert into staging.customer_maxkey (customermaxkey)
select coalesce(max(customerkey), 0)
from staging.customerkey;

delete from staging.customer;

-- The unknown customer has no user name: no order can meet it by its name.
insert into staging.customer (customerkey, username, email, fullname)
values (0, null, null, 'unknown');

-- A user name that came twice is one customer: the first by its text.
insert into staging.customer (customerkey, username, email, fullname)
with ranked_customers as (
    select
        username,
        email,
        fullname,
        row_number() over (
            partition by username order by fullname, email
        ) as place
    from landing.customer
)
select
    staging.customerkey.customerkey,
    ranked_customers.username,
    ranked_customers.email,
    ranked_customers.fullname
from ranked_customers
inner join staging.customerkey
    on ranked_customers.username = staging.customerkey.username
where ranked_customers.place = 1;

end;
$$ language plpgsql;
