-- The publish phase: staging to dwh, in one transaction.

delete from landing.vehicle;

delete from landing.trip;

delete from etl.landing_vehicle;

delete from etl.landing_trip;

call dwh.load_day();

call dwh.load_vehicle();

call dwh.load_trip();

delete from etl.content
where schema_name = 'dwh';

insert into etl.content (schema_name, run_id)
select
    'dwh',
    run_id
from etl.content
where schema_name = 'staging';

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
union all
select 'dwh of run ' || run_id, count(*)
from etl.content
where schema_name = 'dwh'
group by run_id
order by name;
