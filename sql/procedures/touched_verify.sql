-- Proves the night in touched, and raises an exception where it cannot: the
-- transaction is then rolled back.
-- Redshift enforces no key and its planner believes every declared one, so all
-- of them are counted.
create or replace procedure touched.verify()
as $$
declare
    made bigint;
    failed varchar(1024);
    was decimal(38,0);
    should_be decimal(38,0);
begin

delete from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'staging');

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
loads as (
    select
        count(*) as tables,
        count(distinct run_id) as runs
    from (
        select run_id, rows from etl.landing_customer
        union all
        select run_id, rows from etl.landing_order
        union all
        select run_id, rows from etl.landing_product
    ) as loaded
),
others as (
    select count(*) as tables
    from (
        select run_id, rows from etl.landing_customer
        union all
        select run_id, rows from etl.landing_order
        union all
        select run_id, rows from etl.landing_product
    ) as loaded
    cross join etl.landing_window as announced
    where loaded.run_id <> announced.run_id
)
select run.run_id, 'landing tables loaded', loads.tables, 3
from run, loads
union all
select run.run_id, 'landing tables: runs that loaded them', loads.runs, 1
from run, loads
union all
select run.run_id, 'landing tables that another run loaded', others.tables, 0
from run, others;

call changes.prove_customer();

call changes.prove_order();

call changes.prove_product();

call touched.prove_date();

call touched.prove_customer();

call touched.prove_address();

call touched.prove_product();

call touched.prove_order();

select into made count(*)
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'staging');
if made <> 64 then
    raise exception '% proofs of the night were made, not 64', made;
end if;

select into failed, was, should_be name, counted, expected
from etl.proof
where counted <> expected
    and run_id in (select run_id from etl.content where schema_name = 'staging')
order by name
limit 1;
if failed is not null then
    raise exception '%: counted %, expected %', failed, was, should_be;
end if;

select into failed, was, should_be wanted.name, coalesce(proved.counted, -1), wanted.rows
from etl.expected as wanted
left join (
    select name, counted
    from etl.proof
    where run_id in (select run_id from etl.content where schema_name = 'staging')
) as proved
    on wanted.name = proved.name
where coalesce(proved.counted, -1) <> wanted.rows
order by wanted.name
limit 1;
if failed is not null then
    raise exception '%: counted %, and the run has loaded %', failed, was, should_be;
end if;

end;
$$ language plpgsql;
