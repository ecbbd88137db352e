-- Counts the keys and the members of staging.customer.
create or replace procedure staging.prove_customer()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
given as (
    select
        coalesce(sum(members.rows), 0) as rows,
        count(*) as members,
        count(distinct members.highest) as keys,
        coalesce(max(members.highest), 0) as highest
    from (
        select
            username,
            count(*) as rows,
            max(customerkey) as highest
        from staging.customerkey
        group by username
    ) as members
),
noted as (
    select coalesce(max(customermaxkey), 0) as highest
    from staging.customer_maxkey
),
night as (
    select
        count(*) as rows,
        count(distinct customerkey) as keys,
        coalesce(sum(case when customerkey = 0 then 1 else 0 end), 0) as unknown
    from staging.customer
),
landed as (
    select count(*) as members
    from mirror.customer
)
select run.run_id, 'staging.customerkey members', given.members, given.rows
from run, given
union all
select run.run_id, 'staging.customerkey keys', given.keys, given.members
from run, given
union all
select run.run_id, 'staging.customerkey highest key', given.highest, given.rows
from run, given
union all
select run.run_id, 'staging.customerkey highest key, noted in customer_maxkey', noted.highest, given.rows
from run, given, noted
union all
select run.run_id, 'staging.customer', night.rows, landed.members + 1
from run, night, landed
union all
select run.run_id, 'staging.customer unknown members', night.unknown, 1
from run, night
union all
select run.run_id, 'landing.customer unique by username for customer', night.keys - night.unknown, night.rows - night.unknown
from run, night;

end;
$$ language plpgsql;
