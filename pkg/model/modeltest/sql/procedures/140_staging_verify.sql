-- Proves the night in staging, or raises an exception.
create or replace procedure staging.verify()
as $$
declare
    counted bigint;
    expected bigint;
begin

-- Landing holds one run, each table as it was loaded.
select into counted count(*)
from (
    select run_id from etl.landing_vehicle
    union all
    select run_id from etl.landing_trip
) as loads;
if counted <> 2 then
    raise exception 'landing has % tables that a run has loaded, not 2', counted;
end if;
select into counted count(distinct run_id)
from (
    select run_id from etl.landing_vehicle
    union all
    select run_id from etl.landing_trip
) as loads;
if counted <> 1 then
    raise exception 'landing holds the tables of % runs, not of 1', counted;
end if;

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

select into counted coalesce(sum(metres), 0)
from staging.trip;
select into expected coalesce(sum(metres), 0)
from landing.trip;
if counted <> expected then
    raise exception 'staging.trip sums up to % metres, landing.trip to %', counted, expected;
end if;

select into counted count(*)
from staging.trip;
select into expected count(distinct tripkey)
from staging.trip;
if counted <> expected then
    raise exception 'staging.trip has % rows with % surrogate keys', counted, expected;
end if;

end;
$$ language plpgsql;
