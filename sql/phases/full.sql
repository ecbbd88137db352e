-- A full night: landing to mirror, staging and dwh, in one transaction.
-- The run states first what it has loaded, in etl.expected: the rows of each
-- landing table, and the sums of measures as whole numbers of their last
-- decimal place. The last statement reports what was counted.

call mirror.replace();

call staging.load();

call staging.verify();

call dwh.load();

call dwh.verify();

call mirror.advance();

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
