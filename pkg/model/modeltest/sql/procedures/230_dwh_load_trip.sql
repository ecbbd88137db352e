-- Publishes the facts of the night, which are all there are.
-- Grain: one row for each trip of each vehicle.
create or replace procedure dwh.load_trip()
as $$
begin

delete from dwh.trip;

insert into dwh.trip (tripkey, daykey, vehiclekey, metres, kwh)
select
    tripkey,
    daykey,
    vehiclekey,
    metres,
    kwh
from staging.trip;

end;
$$ language plpgsql;
