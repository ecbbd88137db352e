-- A full night that also counts how the mirror which increments have made
-- differs from the export.

call mirror.replace();

call staging.load();

call staging.verify();

call mirror.compare();

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
