-- The publish phase: staging to dwh, in one transaction. Readers see the night
-- before until it commits, and the new night whole afterwards.
-- Landing is emptied by DELETE: a TRUNCATE would commit
-- (https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html).

delete from landing.address;

delete from landing.customer;

delete from landing."order";

delete from landing.product;

delete from etl.landing_address;

delete from etl.landing_customer;

delete from etl.landing_order;

delete from etl.landing_product;

call dwh.load_date();

call dwh.load_customer();

call dwh.load_address();

call dwh.load_product();

call dwh.load_order();

delete from etl.content
where schema_name = 'dwh';

insert into etl.content (schema_name, run_id)
select
    'dwh',
    run_id
from etl.content
where schema_name = 'staging';

call dwh.verify();

select 'dwh.address' as name, count(*) as rows
from dwh.address
union all
select 'dwh.customer' as name, count(*) as rows
from dwh.customer
union all
select 'dwh.date' as name, count(*) as rows
from dwh.date
union all
select 'dwh.order' as name, count(*) as rows
from dwh."order"
union all
select 'dwh.product' as name, count(*) as rows
from dwh.product
union all
select 'dwh.order on unknown date', count(*)
from dwh."order"
where datekey = 0
union all
select 'dwh.order on unknown customer', count(*)
from dwh."order"
where customerkey = 0
union all
select 'dwh.order on unknown address', count(*)
from dwh."order"
where addresskey = 0
union all
select 'dwh.order on unknown product', count(*)
from dwh."order"
where productkey = 0
union all
select 'dwh.date deleted', count(*)
from dwh.date
where deleted = true
union all
select 'dwh.customer deleted', count(*)
from dwh.customer
where deleted = true
union all
select 'dwh.address deleted', count(*)
from dwh.address
where deleted = true
union all
select 'dwh.product deleted', count(*)
from dwh.product
where deleted = true
union all
select 'dwh.order sum of price in cents',
    coalesce(cast(sum(price) * 100 as bigint), 0)
from dwh."order"
union all
select 'dwh of run ' || run_id, count(*)
from etl.content
where schema_name = 'dwh'
group by run_id
order by name;
