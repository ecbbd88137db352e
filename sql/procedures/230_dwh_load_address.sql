-- Publishes the addresses of the night.
-- Grain: one row for each address ever seen, and the unknown one with key 0.
-- Reads: staging.address. Writes: dwh.address.
-- What the source no longer holds keeps its row and is marked deleted; when it
-- comes back, its row is replaced and the mark is gone.
-- The address that a customer has moved from is gone like any other member.
create or replace procedure dwh.load_address()
as $$
begin

delete from dwh.address
where addresskey in (select addresskey from staging.address);

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
from staging.address;

-- The night is a full export: what is not in it is gone.
update dwh.address
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.address
        where staging.address.addresskey = dwh.address.addresskey
    );

end;
$$ language plpgsql;
