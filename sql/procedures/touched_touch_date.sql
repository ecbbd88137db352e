-- Finds the members of date that may look different now: before the mirror
-- changes, those that were.
create or replace procedure touched.touch_date()
as $$
begin

delete from touched.keys_of_date;

insert into touched.keys_of_date (orderdate)
select distinct cast(touched.moved_order.orderdate as date)
from touched.moved_order
where touched.moved_order.orderdate is not null;


end;
$$ language plpgsql;
