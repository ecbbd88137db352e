-- The stage phase: landing to staging, in one transaction.

call staging.load_day();

call staging.load_vehicle();

call staging.load_trip();

call staging.verify();

delete from etl.content
where schema_name = 'staging';

insert into etl.content (schema_name, run_id)
select
    'staging',
    max(run_id)
from etl.landing_trip;

select 'landing.trip' as name, count(*) as rows
from landing.trip
union all
select 'landing.trip of run ' || run_id, rows
from etl.landing_trip
union all
select 'landing.trip sum of metres',
    coalesce(cast(sum(metres) as bigint), 0)
from landing.trip
union all
select 'landing.trip sum of kwh',
    coalesce(cast(sum(kwh) * 1000 as bigint), 0)
from landing.trip
union all
select 'landing.vehicle', count(*)
from landing.vehicle
union all
select 'landing.vehicle of run ' || run_id, rows
from etl.landing_vehicle
union all
select 'staging.day', count(*)
from staging.day
union all
select 'staging.trip', count(*)
from staging.trip
union all
select 'staging.vehicle', count(*)
from staging.vehicle
order by name;
