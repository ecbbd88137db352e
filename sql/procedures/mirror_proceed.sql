-- Notes the end of the window, and what mirror and dwh hold now, and empties
-- the landing tables.
create or replace procedure mirror.proceed()
as $$
begin

update etl.watermark
set run_id = announced.run_id,
    exported_to = announced.exported_to,
    increments = increments + 1
from etl.landing_window as announced;

delete from etl.held;

insert into etl.held (name, counted)
select
    case name
        when 'mirror.customer' then 'landing.customer'
        when 'mirror.order' then 'landing.order'
        when 'mirror.order sum of numberofitems' then 'landing.order sum of numberofitems'
        when 'mirror.product' then 'landing.product'
        when 'mirror.product sum of price' then 'landing.product sum of price'
        else name
    end,
    counted
from etl.proof
where run_id in (select run_id from etl.content where schema_name = 'staging')
    and name in (
        'mirror.customer',
            'mirror.order',
            'mirror.order sum of numberofitems',
            'mirror.product',
            'mirror.product sum of price',
            'dwh.order',
            'dwh.order sum of price',
            'dwh.order sum of numberofitems'
    );

call mirror.clear();

end;
$$ language plpgsql;
