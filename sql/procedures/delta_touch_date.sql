-- Finds the members of date that may look different now: before the mirror
-- changes, those that were.
create or replace procedure "delta".touch_date()
as $$
begin

delete from "delta".keys_of_date;

insert into "delta".keys_of_date (orderdate)
select distinct cast("delta".moved_order.orderdate as date)
from "delta".moved_order
where "delta".moved_order.orderdate is not null;


end;
$$ language plpgsql;
