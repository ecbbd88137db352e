-- The stage phase: landing to staging, in one transaction.
-- Dimensions before the fact, which joins them. The last statement reports,
-- and what the run has loaded is expected of it: rows and sums by table, and
-- that the rows are those of the run. Sums are whole numbers of the last
-- decimal place.

call staging.load_date();

call staging.load_customer();

call staging.load_address();

call staging.load_product();

call staging.load_order();

call staging.verify();

delete from etl.content
where schema_name = 'staging';

insert into etl.content (schema_name, run_id)
select
    'staging',
    max(run_id)
from etl.landing_customer;

select 'landing.address' as name, count(*) as rows
from landing.address
union all
select 'landing.customer' as name, count(*) as rows
from landing.customer
union all
select 'landing.order' as name, count(*) as rows
from landing."order"
union all
select 'landing.product' as name, count(*) as rows
from landing.product
union all
select 'staging.address' as name, count(*) as rows
from staging.address
union all
select 'staging.customer' as name, count(*) as rows
from staging.customer
union all
select 'staging.date' as name, count(*) as rows
from staging.date
union all
select 'staging.order' as name, count(*) as rows
from staging."order"
union all
select 'staging.product' as name, count(*) as rows
from staging.product
union all
select 'landing.address of run ' || run_id, rows
from etl.landing_address
union all
select 'landing.customer of run ' || run_id, rows
from etl.landing_customer
union all
select 'landing.order of run ' || run_id, rows
from etl.landing_order
union all
select 'landing.product of run ' || run_id, rows
from etl.landing_product
union all
select 'landing.order sum of numberofitems',
    coalesce(cast(sum(numberofitems) as bigint), 0)
from landing."order"
union all
select 'landing.product sum of price',
    coalesce(cast(sum(price) * 100 as bigint), 0)
from landing.product
order by name;
