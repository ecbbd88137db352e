-- Counts the changes of order, and what they did.
create or replace procedure changes.prove_order()
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
        coalesce(sum(case when op = 'put' then 1 else 0 end), 0) as puts,
        coalesce(cast(sum(case when op = 'put' then numberofitems end) as decimal(38,0)), 0) as sum_of_numberofitems
    from changes."order"
),
loaded as (
    select coalesce(sum(rows), 0) as rows
    from etl.landing_order
),
moved as (
    select
        coalesce(sum(case when change = 'put' then 1 else 0 end), 0) as came,
        coalesce(sum(case when change = 'delete' then 1 else 0 end), 0) as went,
        coalesce(cast(sum(case when change = 'put' then numberofitems end) as decimal(38,0)), 0) - coalesce(cast(sum(case when change = 'delete' then numberofitems end) as decimal(38,0)), 0) as sum_of_numberofitems
    from touched.moved_order
),
present as (
    select
        count(*) as rows,
        coalesce(cast(sum(numberofitems) as decimal(38,0)), 0) as sum_of_numberofitems
    from mirror."order"
),
same_rows as (
    select count(*) as rows
    from (
        select
            mirror."order".username,
            mirror."order".orderid
        from mirror."order"
        inner join (
            select distinct
                username,
                orderid
            from touched.moved_order
            where change = 'put'
        ) as found
            on mirror."order".username = found.username
            and mirror."order".orderid = found.orderid
    ) as touched
),
held as (
    select
        coalesce(max(case when name = 'landing.order' then counted end), 0) as n0,
        coalesce(max(case when name = 'landing.order sum of numberofitems' then counted end), 0) as n1
    from etl.held
),
unique_1 as (
    select
        coalesce(sum(keys.rows), 0) as rows,
        count(*) as distinct_rows
    from (
        select
            orderid,
            count(*) as rows
        from (
            select mirror."order".orderid
            from mirror."order"
            inner join (
                select distinct
                    orderid
                from touched.moved_order
                where change = 'put'
            ) as found
                on mirror."order".orderid = found.orderid
        ) as touched
        where orderid is not null
        group by orderid
    ) as keys
)
select run.run_id, 'changes.order', landed.rows, loaded.rows
from run, landed, loaded
union all
select run.run_id, 'changes.order puts', landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'changes.order deletes', landed.rows - landed.puts, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'mirror.order', present.rows, held.n0 + moved.came - moved.went
from run, moved, present, held
union all
select run.run_id, 'mirror.order rows that came', moved.came, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'mirror.order rows that went', moved.went, cast(null as decimal(38,0))
from run, moved
union all
select run.run_id, 'changes.order sum of numberofitems', landed.sum_of_numberofitems, cast(null as decimal(38,0))
from run, landed
union all
select run.run_id, 'mirror.order sum of numberofitems', present.sum_of_numberofitems, held.n1 + moved.sum_of_numberofitems
from run, moved, present, held
union all
select run.run_id, 'mirror.order unique by username, orderid', same_rows.rows, moved.came
from run, moved, same_rows
union all
select run.run_id, 'landing.order unique by orderid', unique_1.distinct_rows, unique_1.rows
from run, unique_1;

end;
$$ language plpgsql;
