-- How far do the vehicles of each maker drive in a year?
select
    dwh.vehicle.maker,
    dwh.day.year,
    count(*) as trips,
    cast(sum(dwh.trip.metres) as bigint) as metres,
    sum(dwh.trip.kwh) as kwh
from dwh.trip
inner join dwh.vehicle
    on dwh.trip.vehiclekey = dwh.vehicle.vehiclekey
inner join dwh.day
    on dwh.trip.daykey = dwh.day.daykey
group by
    dwh.vehicle.maker,
    dwh.day.year
order by dwh.vehicle.maker, dwh.day.year;
