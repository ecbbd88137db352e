-- The stage phase: landing to staging, in one transaction.
-- Dimensions before the fact, which joins them. The last statement reports.

call staging.load_date();

call staging.load_customer();

call staging.load_address();

call staging.load_product();

call staging.load_order();

call staging.verify();

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
order by name;
