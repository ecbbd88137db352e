-- Gives every trip a surrogate key, and states the facts of the night. The
-- number of a trip follows TRIP# in its sort key, and is unique within its
-- vehicle only.
-- Grain: one row for each trip of each vehicle.
create or replace procedure staging.load_trip()
as $$
begin

insert into staging.tripkey (tripkey, vin, tripid)
with trips as (
    select
        substring(pk, 5, length(pk)) as vin,
        substring(sk, 6, length(sk)) as tripid
    from landing.trip
),
new_trips as (
    select
        trips.vin,
        trips.tripid
    from trips
    left join staging.tripkey
        on trips.vin = staging.tripkey.vin
        and trips.tripid = staging.tripkey.tripid
    where staging.tripkey.tripkey is null
),
highest_key as (
    select coalesce(max(tripmaxkey), 0) as tripmaxkey
    from staging.trip_maxkey
)
select
    cast(highest_key.tripmaxkey
        + row_number() over (order by new_trips.vin, new_trips.tripid)
        as integer),
    new_trips.vin,
    new_trips.tripid
from new_trips
cross join highest_key;

delete from staging.trip_maxkey;

insert into staging.trip_maxkey (tripmaxkey)
select coalesce(max(tripkey), 0)
from staging.tripkey;

delete from staging.trip;

insert into staging.trip (tripkey, daykey, vehiclekey, metres, kwh)
with trips as (
    select
        substring(pk, 5, length(pk)) as vin,
        substring(sk, 6, length(sk)) as tripid,
        cast(startedat as date) as calendarday,
        metres,
        kwh
    from landing.trip
)
select
    staging.tripkey.tripkey,
    coalesce(staging.day.daykey, 0),
    coalesce(staging.vehicle.vehiclekey, 0),
    trips.metres,
    trips.kwh
from trips
inner join staging.tripkey
    on trips.vin = staging.tripkey.vin
    and trips.tripid = staging.tripkey.tripid
left join staging.day
    on trips.calendarday = staging.day.calendarday
left join staging.vehicle
    on trips.vin = staging.vehicle.vin;

end;
$$ language plpgsql;
