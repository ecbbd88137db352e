-- The publish phase: staging to dwh, in one transaction.

delete from landing.vehicle;

delete from landing.trip;

call dwh.load_day();

call dwh.load_vehicle();

call dwh.load_trip();

call dwh.verify();

select 'dwh.day' as name, count(*) as rows
from dwh.day
union all
select 'dwh.trip', count(*)
from dwh.trip
union all
select 'dwh.trip on unknown vehicle', count(*)
from dwh.trip
where vehiclekey = 0
union all
select 'dwh.vehicle', count(*)
from dwh.vehicle
order by name;
