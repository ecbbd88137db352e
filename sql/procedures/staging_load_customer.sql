-- Gives the members of customer surrogate keys, and describes those of the
-- night.
-- Grain: one row for each username, and the unknown member with key 0. Reads:
-- mirror.customer. Writes: staging.customerkey, staging.customer_maxkey,
-- staging.customer.
create or replace procedure staging.load_customer()
as $$
begin

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.customerkey (customerkey, username)
with members as (
    select mirror.customer.username
    from mirror.customer
),
new_members as (
    select distinct
        members.username
    from members
    left join staging.customerkey
        on members.username = staging.customerkey.username
    where staging.customerkey.customerkey is null
),
highest_key as (
    select coalesce(max(customermaxkey), 0) as highest
    from staging.customer_maxkey
)
select
    cast(highest_key.highest
        + row_number() over (order by new_members.username) as integer),
    new_members.username
from new_members
cross join highest_key;

delete from staging.customer_maxkey;

insert into staging.customer_maxkey (customermaxkey)
select coalesce(max(customerkey), 0)
from staging.customerkey;

delete from staging.customer;

insert into staging.customer (customerkey, username, email, fullname)
values (0, null, null, 'unknown');

-- One row describes each member. If there are two, the verification refuses the
-- night.
insert into staging.customer (customerkey, username, email, fullname)
select
    staging.customerkey.customerkey,
    mirror.customer.username,
    mirror.customer.email,
    mirror.customer.fullname
from mirror.customer
inner join staging.customerkey
    on mirror.customer.username = staging.customerkey.username;

end;
$$ language plpgsql;
