-- Mirror to staging. Facts come after the dimensions, which they join.
create or replace procedure staging.load()
as $$
begin

call staging.load_date();

call staging.load_customer();

call staging.load_address();

call staging.load_product();

call staging.load_order();

delete from etl.content
where schema_name = 'staging';

insert into etl.content (schema_name, run_id)
select
    'staging',
    coalesce(max(run_id), '')
from (
    select run_id from etl.landing_customer
    union all
    select run_id from etl.landing_order
    union all
    select run_id from etl.landing_product
) as loads;

end;
$$ language plpgsql;
