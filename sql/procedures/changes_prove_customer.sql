-- Counts the changes of customer, and what they did.
create or replace procedure changes.prove_customer()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
landed as (
    select
        count(*) as rows,
        coalesce(sum(case when op = 'put' then 1 else 0 end), 0) as puts
    from changes.customer
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_customer
),
moved as (
    select
        coalesce(sum(case when change = 'put' then 1 else 0 end), 0) as came,
        coalesce(sum(case when change = 'delete' then 1 else 0 end), 0) as went
    from touched.moved_customer
),
present as (
    select count(*) as rows
    from mirror.customer
),
same_rows as (
    select count(*) as rows
    from (
        select mirror.customer.username
        from mirror.customer
        inner join (
            select distinct
                username
            from touched.moved_customer
            where change = 'put'
        ) as found
            on mirror.customer.username = found.username
    ) as touched
),
held as (
    select coalesce(max(case when name = 'landing.customer' then counted end), 0) as n0
    from etl.held
)
select run.run_id, 'changes.customer', landed.rows, loaded.rows
from run, landed, loaded
union all
select run.run_id, 'changes.customer puts', landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'changes.customer deletes', landed.rows - landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'mirror.customer', present.rows, held.n0 + moved.came - moved.went
from run, moved, present, held
union all
select run.run_id, 'mirror.customer rows that came', moved.came, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'mirror.customer rows that went', moved.went, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'mirror.customer unique by username', same_rows.rows, moved.came
from run, moved, same_rows;

end;
$$ language plpgsql;
