-- The stage phase: landing to staging, in one transaction.
-- The last statement reports what was counted. The run expects of it what it
-- has loaded: the rows of each landing table, that they are those of the run,
-- and the sums of measures as whole numbers of their last decimal place.

call staging.load();

call staging.verify();

select name, counted as rows
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'staging')
union all
select 'landing.customer of run ' || run_id, cast(rows as decimal(38,0))
from etl.landing_customer
union all
select 'landing.order of run ' || run_id, cast(rows as decimal(38,0))
from etl.landing_order
union all
select 'landing.product of run ' || run_id, cast(rows as decimal(38,0))
from etl.landing_product
order by name;
