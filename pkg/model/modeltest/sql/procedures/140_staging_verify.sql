-- Proves the night in staging, or raises an exception.
create or replace procedure staging.verify()
as $$
declare
    counted bigint;
    expected bigint;
begin

select into counted count(*)
from staging.vehicle
where vehiclekey <> 0;
select into expected count(distinct pk)
from landing.vehicle;
if counted <> expected then
    raise exception 'staging.vehicle has % rows, landing.vehicle has % vehicles', counted, expected;
end if;

select into counted count(*)
from staging.trip;
select into expected count(*)
from landing.trip;
if counted <> expected then
    raise exception 'staging.trip has % rows, landing.trip has %', counted, expected;
end if;

select into expected count(distinct tripkey)
from staging.trip;
if counted <> expected then
    raise exception 'staging.trip has % rows with % surrogate keys', counted, expected;
end if;

end;
$$ language plpgsql;
