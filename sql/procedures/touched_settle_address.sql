-- Publishes the touched members of address.
create or replace procedure touched.settle_address()
as $$
begin

delete from staging.address
where addresskey in (
    select staging.addresskey.addresskey
    from staging.addresskey
    inner join (
        select distinct
            username,
            postcode
        from touched.keys_of_address
    ) as touched
        on staging.addresskey.username = touched.username
        and staging.addresskey.postcode = touched.postcode
);

insert into staging.address (
    addresskey, username, addressline1, addressline2, postcode, city, country
)
select
    addresskey,
    username,
    addressline1,
    addressline2,
    postcode,
    city,
    country
from touched.members_of_address;

delete from dwh.address
where addresskey in (select addresskey from touched.members_of_address);

-- A touched member whose row is left is gone.
update dwh."address"
set deleted = true
where deleted = false
    and addresskey in (
        select staging.addresskey.addresskey
        from staging.addresskey
        inner join (
            select distinct
                username,
                postcode
            from touched.keys_of_address
        ) as touched
            on staging.addresskey.username = touched.username
            and staging.addresskey.postcode = touched.postcode
    );

insert into dwh.address (
    addresskey, username, addressline1, addressline2, postcode, city, country,
    deleted
)
select
    addresskey,
    username,
    addressline1,
    addressline2,
    postcode,
    city,
    country,
    false
from touched.members_of_address;

end;
$$ language plpgsql;
