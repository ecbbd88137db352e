-- Counts the keys and the members of staging.address.
create or replace procedure staging.prove_address()
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
            postcode,
            count(*) as rows,
            max(addresskey) as highest
        from staging.addresskey
        group by username, postcode
    ) as members
),
noted as (
    select coalesce(max(addressmaxkey), 0) as highest
    from staging.address_maxkey
),
night as (
    select
        count(*) as rows,
        count(distinct addresskey) as keys,
        coalesce(sum(case when addresskey = 0 then 1 else 0 end), 0) as unknown
    from staging.address
),
landed as (
    select count(*) as members
    from mirror.customer
    where (mirror.customer.addressline1 is not null
        or mirror.customer.addressline2 is not null
        or mirror.customer.city is not null
        or mirror.customer.postcode is not null
        or mirror.customer.country is not null)
)
select run.run_id, 'staging.addresskey members', given.members, given.rows
from run, given
union all
select run.run_id, 'staging.addresskey keys', given.keys, given.members
from run, given
union all
select run.run_id, 'staging.addresskey highest key', given.highest, given.rows
from run, given
union all
select run.run_id, 'staging.addresskey highest key, noted in address_maxkey', noted.highest, given.rows
from run, given, noted
union all
select run.run_id, 'staging.address', night.rows, landed.members + 1
from run, night, landed
union all
select run.run_id, 'staging.address unknown members', night.unknown, 1
from run, night
union all
select run.run_id, 'landing.customer unique by username, postcode for address', night.keys - night.unknown, night.rows - night.unknown
from run, night;

end;
$$ language plpgsql;
