-- Counts the facts of staging."order". Whether they have their members is
-- counted in dwh."order".
create or replace procedure staging.prove_order()
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
            orderid,
            count(*) as rows,
            max(orderkey) as highest
        from staging.orderkey
        group by orderid
    ) as members
),
noted as (
    select coalesce(max(ordermaxkey), 0) as highest
    from staging.order_maxkey
),
staged as (
    select
        count(*) as rows,
        coalesce(cast(sum(price) * 100 as decimal(38,0)), 0) as sum_of_price
    from staging."order"
),
landed as (
    select
        count(*) as rows,
        coalesce(cast(sum(mirror.product.price) * 100 as decimal(38,0)), 0) as sum_of_price
    from mirror.product
),
keys as (
    select
        coalesce(sum(keys.rows), 0) as rows,
        count(*) as distinct_rows
    from (
        select
            orderkey,
            productkey,
            count(*) as rows
        from staging."order"
        where orderkey is not null
            and productkey is not null
        group by orderkey, productkey
    ) as keys
)
select run.run_id, 'staging.orderkey members', given.members, given.rows
from run, given
union all
select run.run_id, 'staging.orderkey keys', given.keys, given.members
from run, given
union all
select run.run_id, 'staging.orderkey highest key', given.highest, given.rows
from run, given
union all
select run.run_id, 'staging.orderkey highest key, noted in order_maxkey', noted.highest, given.rows
from run, given, noted
union all
select run.run_id, 'staging.order', staged.rows, landed.rows
from run, staged, landed
union all
select run.run_id, 'staging.order sum of price', staged.sum_of_price, landed.sum_of_price
from run, staged, landed
union all
select run.run_id, 'staging.order unique by orderkey, productkey', keys.distinct_rows, staged.rows
from run, staged, keys;

end;
$$ language plpgsql;
