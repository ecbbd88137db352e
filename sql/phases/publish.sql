-- The publish phase: staging to dwh, in one transaction.
-- The last statement reports what was counted. The run expects of it that dwh
-- shows its night.

call dwh.load();

call dwh.verify();

select name, counted as rows
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'dwh')
    and name like 'dwh%'
union all
select 'dwh of run ' || run_id, cast(count(*) as decimal(38,0))
from etl.content
where schema_name = 'dwh'
group by run_id
order by name;
