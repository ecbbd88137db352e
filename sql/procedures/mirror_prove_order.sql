-- Counts mirror."order", and whether that is what was loaded.
create or replace procedure mirror.prove_order()
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
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from mirror."order"
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_order
),
unique_1 as (
    select
        coalesce(sum(keys.rows), 0) as rows,
        count(*) as distinct_rows
    from (
        select
            orderid,
            count(*) as rows
        from mirror."order"
        where orderid is not null
        group by orderid
    ) as keys
)
select run.run_id, 'landing.order', landed.rows, loaded.rows
from run, landed, loaded
union all
select run.run_id, 'landing.order sum of numberofitems', landed.sum_of_numberofitems, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'landing.order unique by orderid', unique_1.distinct_rows, unique_1.rows
from run, unique_1;

end;
$$ language plpgsql;
