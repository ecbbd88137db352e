-- Gives the members of address surrogate keys, and describes those of the
-- night. Moving makes a new member. Correcting a street does not.
-- Grain: one row for each username and postcode, and the unknown member with
-- key 0. Reads: mirror.customer. Writes: staging.addresskey,
-- staging.address_maxkey, staging.address.
create or replace procedure staging.load_address()
as $$
begin

-- New members, in the order of what identifies them, after the highest key so
-- far.
insert into staging.addresskey (addresskey, username, postcode)
with members as (
    select
        mirror.customer.username,
        coalesce(rtrim(mirror.customer.postcode), '') as postcode
    from mirror.customer
    where (mirror.customer.addressline1 is not null
        or mirror.customer.addressline2 is not null
        or mirror.customer.city is not null
        or mirror.customer.postcode is not null
        or mirror.customer.country is not null)
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

delete from staging.address;

insert into staging.address (
    addresskey, username, addressline1, addressline2, postcode, city, country
)
values (0, null, null, null, null, 'unknown', 'unknown');

-- One row describes each member. If there are two, the verification refuses the
-- night.
insert into staging.address (
    addresskey, username, addressline1, addressline2, postcode, city, country
)
select
    staging.addresskey.addresskey,
    mirror.customer.username,
    mirror.customer.addressline1,
    mirror.customer.addressline2,
    mirror.customer.postcode,
    mirror.customer.city,
    mirror.customer.country
from mirror.customer
inner join staging.addresskey
    on mirror.customer.username = staging.addresskey.username
    and coalesce(rtrim(mirror.customer.postcode), '') = staging.addresskey.postcode
where (mirror.customer.addressline1 is not null
    or mirror.customer.addressline2 is not null
    or mirror.customer.city is not null
    or mirror.customer.postcode is not null
    or mirror.customer.country is not null);

end;
$$ language plpgsql;
