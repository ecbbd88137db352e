-- The stage phase: landing to staging, in one transaction.

call staging.load_day();

call staging.load_vehicle();

call staging.load_trip();

call staging.verify();

select 'staging.day' as name, count(*) as rows
from staging.day
union all
select 'staging.trip', count(*)
from staging.trip
union all
select 'staging.vehicle', count(*)
from staging.vehicle
order by name;
