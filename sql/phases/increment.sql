-- An increment: changes to mirror, staging and dwh, in one transaction.
-- The run states first which window it has loaded, in etl.landing_window, and
-- how many changes, in etl.expected.

call touched.apply();

call touched.verify();

call mirror.proceed();

select name, counted as rows
from etl.proof
where run_id in (select run_id from etl.content
    where schema_name = 'dwh')
union all
select 'dwh of run ' || run_id, cast(count(*) as decimal(38,0))
from etl.content
where schema_name = 'dwh'
group by run_id
order by name;
