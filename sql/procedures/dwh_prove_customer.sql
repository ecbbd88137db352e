-- Counts the members of dwh.customer.
create or replace procedure dwh.prove_customer()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'dwh'
),
star as (
    select
        count(*) as rows,
        count(distinct dwh.customer.customerkey) as keys,
        coalesce(sum(case when dwh.customer.deleted then 1 else 0 end), 0) as deleted,
        coalesce(sum(case when dwh.customer.customerkey = 0 and not dwh.customer.deleted then 1 else 0 end), 0) as unknown,
        coalesce(sum(case when dwh.customer.customerkey = 0 or staging.customerkey.customerkey is not null and dwh.customer.username = staging.customerkey.username then 1 else 0 end), 0) as members
    from dwh.customer
    left join staging.customerkey
        on dwh.customer.customerkey = staging.customerkey.customerkey
),
night as (
    select count(*) as rows
    from staging.customer
)
select run.run_id, 'dwh.customer', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.customer deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.customer not deleted', star.rows - star.deleted, night.rows
from run, star, night
union all
select run.run_id, 'dwh.customer keys', star.keys, star.rows
from run, star
union all
select run.run_id, 'dwh.customer members', star.members, star.rows
from run, star
union all
select run.run_id, 'dwh.customer unknown members', star.unknown, 1
from run, star;

end;
$$ language plpgsql;
