-- Counts mirror.customer, and whether that is what was loaded.
create or replace procedure mirror.prove_customer()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
landed as (
    select count(*) as rows
    from mirror.customer
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_customer
)
select run.run_id, 'landing.customer', landed.rows, loaded.rows
from run, landed, loaded;

end;
$$ language plpgsql;
