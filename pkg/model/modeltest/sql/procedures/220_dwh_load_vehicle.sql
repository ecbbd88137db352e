-- Publishes the vehicles of the night; those that are gone are marked.
-- Grain: one row for each vehicle ever seen, and the unknown one with key 0.
create or replace procedure dwh.load_vehicle()
as $$
begin

delete from dwh.vehicle
where vehiclekey in (select vehiclekey from staging.vehicle);

insert into dwh.vehicle (
    vehiclekey, vin, plate, maker, batterykwh, electric, deleted
)
select
    vehiclekey,
    vin,
    plate,
    maker,
    batterykwh,
    electric,
    false
from staging.vehicle;

update dwh.vehicle
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.vehicle
        where staging.vehicle.vehiclekey = dwh.vehicle.vehiclekey
    );

end;
$$ language plpgsql;
