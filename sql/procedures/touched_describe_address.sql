-- Makes the touched members of address as they are now.
create or replace procedure touched.describe_address()
as $$
begin

insert into touched.keys_of_address (username, postcode)
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
        from touched.rows_of_address
    ) as touched
        on mirror.customer.username = touched.username
)
select
    touched_rows.username,
    coalesce(rtrim(touched_rows.postcode), '')
from touched_rows;

delete from touched.rows_of_address;

insert into touched.rows_of_address (username)
select mirror.customer.username
from mirror.customer
inner join (
    select distinct
        username,
        postcode
    from touched.keys_of_address
) as hits
    on mirror.customer.username = hits.username
    and coalesce(rtrim(mirror.customer.postcode), '') = hits.postcode;

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.addresskey (addresskey, username, postcode)
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
        from touched.rows_of_address
    ) as touched
        on mirror.customer.username = touched.username
),
members as (
    select
        touched_rows.username,
        coalesce(rtrim(touched_rows.postcode), '') as postcode
    from touched_rows
    where (touched_rows.addressline1 is not null
        or touched_rows.addressline2 is not null
        or touched_rows.city is not null
        or touched_rows.postcode is not null
        or touched_rows.country is not null)
),
new_members as (
    select distinct
        members.username,
        members.postcode
    from members
    left join staging.addresskey
        on members.username = staging.addresskey.username
        and members.postcode = staging.addresskey.postcode
    where staging.addresskey.addresskey is null
),
highest_key as (
    select coalesce(max(addressmaxkey), 0) as highest
    from staging.address_maxkey
)
select
    cast(highest_key.highest
        + row_number() over (order by new_members.username, new_members.postcode) as integer),
    new_members.username,
    new_members.postcode
from new_members
cross join highest_key;

delete from staging.address_maxkey;

insert into staging.address_maxkey (addressmaxkey)
select coalesce(max(addresskey), 0)
from staging.addresskey;

delete from touched.members_of_address;

-- One row describes each member. If there are two, the verification refuses the
-- night.
insert into touched.members_of_address (
    addresskey, username, addressline1, addressline2, postcode, city, country
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
        from touched.rows_of_address
    ) as touched
        on mirror.customer.username = touched.username
)
select
    staging.addresskey.addresskey,
    touched_rows.username,
    touched_rows.addressline1,
    touched_rows.addressline2,
    touched_rows.postcode,
    touched_rows.city,
    touched_rows.country
from touched_rows
inner join staging.addresskey
    on touched_rows.username = staging.addresskey.username
    and coalesce(rtrim(touched_rows.postcode), '') = staging.addresskey.postcode
where (touched_rows.addressline1 is not null
    or touched_rows.addressline2 is not null
    or touched_rows.city is not null
    or touched_rows.postcode is not null
    or touched_rows.country is not null);

delete from touched.turned_of_address;

insert into touched.turned_of_address (username, postcode)
select
    staging.addresskey.username,
    staging.addresskey.postcode
from staging.addresskey
inner join (
    select distinct
        username,
        postcode
    from touched.keys_of_address
) as touched
    on staging.addresskey.username = touched.username
    and staging.addresskey.postcode = touched.postcode
left join staging.address as was
    on staging.addresskey.addresskey = was.addresskey
left join touched.members_of_address as is_now
    on staging.addresskey.addresskey = is_now.addresskey
where was.addresskey is null and is_now.addresskey is not null
    or was.addresskey is not null and is_now.addresskey is null;

end;
$$ language plpgsql;
