-- Counts the members of dwh.address.
create or replace procedure dwh.prove_address()
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
        count(distinct dwh.address.addresskey) as keys,
        coalesce(sum(case when dwh.address.deleted then 1 else 0 end), 0) as deleted,
        coalesce(sum(case when dwh.address.addresskey = 0 and not dwh.address.deleted then 1 else 0 end), 0) as unknown,
        coalesce(sum(case when dwh.address.addresskey = 0 or staging.addresskey.addresskey is not null and dwh.address.username = staging.addresskey.username and coalesce(rtrim(dwh.address.postcode), '') = staging.addresskey.postcode then 1 else 0 end), 0) as members
    from dwh.address
    left join staging.addresskey
        on dwh.address.addresskey = staging.addresskey.addresskey
),
night as (
    select count(*) as rows
    from staging.address
)
select run.run_id, 'dwh.address', star.rows, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.address deleted', star.deleted, cast(null as decimal(38,0))
from run, star
union all
select run.run_id, 'dwh.address not deleted', star.rows - star.deleted, night.rows
from run, star, night
union all
select run.run_id, 'dwh.address keys', star.keys, star.rows
from run, star
union all
select run.run_id, 'dwh.address members', star.members, star.rows
from run, star
union all
select run.run_id, 'dwh.address unknown members', star.unknown, 1
from run, star;

end;
$$ language plpgsql;
