-- Applies an increment: changes to mirror, staging and dwh. Readers see what
-- was there before until the transaction commits.
create or replace procedure "delta".apply()
as $$
begin

call mirror.accept();

call "delta".find_customer();

call "delta".find_order();

call "delta".find_product();

call "delta".touch_date();

call "delta".touch_customer();

call "delta".touch_address();

call "delta".touch_product();

call "delta".touch_order();

call mirror.change();

call "delta".describe_date();

call "delta".describe_customer();

call "delta".describe_address();

call "delta".describe_product();

call "delta".late_order();

call "delta".settle_date();

call "delta".settle_customer();

call "delta".settle_address();

call "delta".settle_product();

call "delta".settle_order();

delete from etl.content;

insert into etl.content (schema_name, run_id)
select
    'staging',
    run_id
from etl.landing_window;

insert into etl.content (schema_name, run_id)
select
    'dwh',
    run_id
from etl.landing_window;

end;
$$ language plpgsql;
