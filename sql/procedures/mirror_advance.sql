-- Notes the moment that a full export shows, and what mirror and dwh hold now.
create or replace procedure mirror.advance()
as $$
begin

delete from etl.watermark;

insert into etl.watermark (
    run_id, table_id, exported_to, fingerprint, full_run, increments
)
select
    run_id,
    table_id,
    exported_to,
    fingerprint,
    run_id,
    0
from etl.landing_window
where mode = 'full'
    and exported_to is not null
    and run_id in (select run_id from etl.content where schema_name = 'dwh');

delete from etl.held;

insert into etl.held (name, counted)
select
    name,
    counted
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'staging')
    and name in (
        'landing.customer',
            'landing.order',
            'landing.order sum of numberofitems',
            'landing.product',
            'landing.product sum of price',
            'dwh.order',
            'dwh.order sum of price',
            'dwh.order sum of numberofitems'
    );

end;
$$ language plpgsql;
