-- Staging to dwh. Readers see the night before until the transaction commits,
-- and the new night whole afterwards.
create or replace procedure dwh.load()
as $$
begin

call mirror.clear();

call dwh.load_date();

call dwh.load_customer();

call dwh.load_address();

call dwh.load_product();

call dwh.load_order();

delete from etl.content
where schema_name = 'dwh';

insert into etl.content (schema_name, run_id)
select
    'dwh',
    run_id
from etl.content
where schema_name = 'staging';

end;
$$ language plpgsql;
