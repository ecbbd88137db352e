-- Applies an increment: changes to mirror, staging and dwh. Readers see what
-- was there before until the transaction commits.
create or replace procedure touched.apply()
as $$
begin

call mirror.accept();

call touched.find_customer();

call touched.find_order();

call touched.find_product();

call touched.touch_date();

call touched.touch_customer();

call touched.touch_address();

call touched.touch_product();

call touched.touch_order();

call mirror.change();

call touched.describe_date();

call touched.describe_customer();

call touched.describe_address();

call touched.describe_product();

call touched.late_order();

call touched.settle_date();

call touched.settle_customer();

call touched.settle_address();

call touched.settle_product();

call touched.settle_order();

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
