-- Publishes the members of staging.address.
-- Grain: one row for each member ever seen, and the unknown one with key 0.
-- Reads: staging.address. Writes: dwh.address.
-- What the source no longer holds keeps its row and is marked deleted. When it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_address()
as $$
begin

delete from dwh.address
where addresskey in (select addresskey from staging.address);

-- The night is a full export, so a member whose row is left is gone.
update dwh."address"
set deleted = true
where deleted = false;

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

end;
$$ language plpgsql;
