-- Proves the night in dwh, and raises an exception where it cannot: the
-- transaction is then rolled back.
-- Redshift enforces no key and its planner believes every declared one, so all
-- of them are counted.
create or replace procedure dwh.verify()
as $$
declare
    made bigint;
    failed varchar(1024);
    was decimal(38,0);
    should_be decimal(38,0);
begin

delete from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'dwh')
    and name like 'dwh%';

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'dwh'
),
held as (
    select
        count(*) as schemas,
        count(distinct run_id) as runs
    from etl.content
    where schema_name in ('staging', 'dwh')
)
select run.run_id, 'dwh and staging know their run', held.schemas, 2
from run, held
union all
select run.run_id, 'dwh and staging show one run', held.runs, 1
from run, held;

call dwh.prove_date();

call dwh.prove_customer();

call dwh.prove_address();

call dwh.prove_product();

call dwh.prove_order();

select into made count(*)
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'dwh')
    and name like 'dwh%';
if made <> 42 then
    raise exception '% proofs of the night were made, not 42', made;
end if;

select into failed, was, should_be name, counted, expected
from etl.proof
where counted <> expected
    and run_id in (select run_id from etl.content where schema_name = 'dwh')
    and name like 'dwh%'
order by name
limit 1;
if failed is not null then
    raise exception '%: counted %, expected %', failed, was, should_be;
end if;

end;
$$ language plpgsql;
