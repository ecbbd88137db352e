-- Makes the touched members of customer as they are now.
create or replace procedure touched.describe_customer()
as $$
begin

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

delete from touched.rows_of_customer;

insert into touched.rows_of_customer (username)
select mirror.customer.username
from mirror.customer
inner join (
    select distinct
        username
    from touched.keys_of_customer
) as hits
    on mirror.customer.username = hits.username;

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.customerkey (customerkey, username)
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
),
members as (
    select touched_rows.username
    from touched_rows
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

delete from touched.members_of_customer;

-- One row describes each member. If there are two, the verification refuses the
-- night.
insert into touched.members_of_customer (
    customerkey, username, email, fullname
)
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
select
    staging.customerkey.customerkey,
    touched_rows.username,
    touched_rows.email,
    touched_rows.fullname
from touched_rows
inner join staging.customerkey
    on touched_rows.username = staging.customerkey.username;

delete from touched.turned_of_customer;

insert into touched.turned_of_customer (username)
select staging.customerkey.username
from staging.customerkey
inner join (
    select distinct
        username
    from touched.keys_of_customer
) as touched
    on staging.customerkey.username = touched.username
left join staging.customer as was
    on staging.customerkey.customerkey = was.customerkey
left join touched.members_of_customer as is_now
    on staging.customerkey.customerkey = is_now.customerkey
where was.customerkey is null and is_now.customerkey is not null
    or was.customerkey is not null and is_now.customerkey is null;

end;
$$ language plpgsql;
