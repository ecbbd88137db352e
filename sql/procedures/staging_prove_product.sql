-- Counts the keys and the members of staging.product.
create or replace procedure staging.prove_product()
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
            productid,
            count(*) as rows,
            max(productkey) as highest
        from staging.productkey
        group by productid
    ) as members
),
noted as (
    select coalesce(max(productmaxkey), 0) as highest
    from staging.product_maxkey
),
night as (
    select
        count(*) as rows,
        count(distinct productkey) as keys,
        coalesce(sum(case when productkey = 0 then 1 else 0 end), 0) as unknown
    from staging.product
),
landed as (
    select count(*) as members
    from (
        select distinct
            mirror.product.productid
        from mirror.product
    ) as members
)
select run.run_id, 'staging.productkey members', given.members, given.rows
from run, given
union all
select run.run_id, 'staging.productkey keys', given.keys, given.members
from run, given
union all
select run.run_id, 'staging.productkey highest key', given.highest, given.rows
from run, given
union all
select run.run_id, 'staging.productkey highest key, noted in product_maxkey', noted.highest, given.rows
from run, given, noted
union all
select run.run_id, 'staging.product', night.rows, landed.members + 1
from run, night, landed
union all
select run.run_id, 'staging.product unknown members', night.unknown, 1
from run, night
union all
select run.run_id, 'staging.product keys', night.keys, night.rows
from run, night;

end;
$$ language plpgsql;
