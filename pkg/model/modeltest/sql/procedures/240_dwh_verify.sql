-- Proves the star, or raises an exception.
create or replace procedure dwh.verify()
as $$
declare
    counted bigint;
    expected bigint;
begin

select into counted count(*)
from dwh.trip
inner join dwh.day
    on dwh.trip.daykey = dwh.day.daykey
inner join dwh.vehicle
    on dwh.trip.vehiclekey = dwh.vehicle.vehiclekey;
select into expected count(*)
from staging.trip;
if counted <> expected then
    raise exception 'dwh.trip has % rows with a day and a vehicle, staging.trip has %', counted, expected;
end if;

select into counted count(distinct run_id)
from etl.content
where schema_name in ('staging', 'dwh');
if counted <> 1 then
    raise exception 'staging and dwh hold % runs, not 1', counted;
end if;

select into counted coalesce(sum(metres), 0)
from dwh.trip;
select into expected coalesce(sum(metres), 0)
from staging.trip;
if counted <> expected then
    raise exception 'dwh.trip sums up to % metres, staging.trip to %', counted, expected;
end if;

end;
$$ language plpgsql;
