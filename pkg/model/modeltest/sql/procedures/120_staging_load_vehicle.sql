-- Gives every vehicle a surrogate key by its number, which follows VEH# in its
-- partition key.
-- Grain: one row for each vehicle, and the unknown vehicle with key 0.
create or replace procedure staging.load_vehicle()
as $$
begin

insert into staging.vehiclekey (vehiclekey, vin)
with vehicles as (
    select distinct substring(pk, 5, length(pk)) as vin
    from landing.vehicle
),
new_vehicles as (
    select vehicles.vin
    from vehicles
    left join staging.vehiclekey
        on vehicles.vin = staging.vehiclekey.vin
    where staging.vehiclekey.vin is null
),
highest_key as (
    select coalesce(max(vehiclemaxkey), 0) as vehiclemaxkey
    from staging.vehicle_maxkey
)
select
    cast(highest_key.vehiclemaxkey
        + row_number() over (order by new_vehicles.vin) as integer),
    new_vehicles.vin
from new_vehicles
cross join highest_key;

delete from staging.vehicle_maxkey;

insert into staging.vehicle_maxkey (vehiclemaxkey)
select coalesce(max(vehiclekey), 0)
from staging.vehiclekey;

delete from staging.vehicle;

insert into staging.vehicle (
    vehiclekey, vin, plate, maker, batterykwh, electric
)
values (0, null, null, 'unknown', null, null);

insert into staging.vehicle (
    vehiclekey, vin, plate, maker, batterykwh, electric
)
select
    staging.vehiclekey.vehiclekey,
    staging.vehiclekey.vin,
    landing.vehicle.plate,
    landing.vehicle.maker,
    landing.vehicle.batterykwh,
    landing.vehicle.electric
from landing.vehicle
inner join staging.vehiclekey
    on substring(landing.vehicle.pk, 5, length(landing.vehicle.pk))
        = staging.vehiclekey.vin;

end;
$$ language plpgsql;
