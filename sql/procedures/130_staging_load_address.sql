-- Gives every address a surrogate key, and describes the addresses of the
-- night.
-- Grain: one row for each customer who has an address, and the unknown address
-- with key 0. A customer without any part of an address has no row.
-- Reads: landing.address. Writes: staging.addresskey, address_maxkey, address.
--
-- An address is identified by its user name and its postcode: whoever moves
-- gets a new address, whoever corrects a street keeps it. A missing, empty or
-- blank postcode counts as the empty one, so an address without postcode is
-- an address like any other. Blanks at the end do not count, because Redshift
-- does not compare them
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html).
create or replace procedure staging.load_address()
as $$
begin

-- New addresses, in the order of name and postcode, after the highest key.
insert into staging.addresskey (addresskey, username, postcode)
with addresses as (
    select distinct
        username,
        coalesce(rtrim(postcode), '') as postcode
    from landing.address
    where coalesce(addressline1, addressline2, city, postcode, country)
        is not null
),
new_addresses as (
    select
        addresses.username,
        addresses.postcode
    from addresses
    left join staging.addresskey
        on addresses.username = staging.addresskey.username
        and addresses.postcode = staging.addresskey.postcode
    where staging.addresskey.addresskey is null
),
highest_key as (
    select coalesce(max(addressmaxkey), 0) as addressmaxkey
    from staging.address_maxkey
)
select
    cast(highest_key.addressmaxkey
        + row_number() over (
            order by new_addresses.username, new_addresses.postcode
        ) as integer),
    new_addresses.username,
    new_addresses.postcode
from new_addresses
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

-- One address for each customer, whatever came: two would double his orders.
insert into staging.address (
    addresskey, username, addressline1, addressline2, postcode, city, country
)
with ranked_addresses as (
    select
        username,
        addressline1,
        addressline2,
        postcode,
        city,
        country,
        row_number() over (
            partition by username
            order by postcode, country, city, addressline1, addressline2
        ) as place
    from landing.address
    where coalesce(addressline1, addressline2, city, postcode, country)
        is not null
)
select
    staging.addresskey.addresskey,
    ranked_addresses.username,
    ranked_addresses.addressline1,
    ranked_addresses.addressline2,
    ranked_addresses.postcode,
    ranked_addresses.city,
    ranked_addresses.country
from ranked_addresses
inner join staging.addresskey
    on ranked_addresses.username = staging.addresskey.username
    and coalesce(rtrim(ranked_addresses.postcode), '')
        = staging.addresskey.postcode
where ranked_addresses.place = 1;

end;
$$ language plpgsql;
