-- Publishes the members of staging.date.
-- Grain: one row for each member ever seen, and the unknown one with key 0.
-- Reads: staging.date. Writes: dwh.date.
-- What the source no longer holds keeps its row and is marked deleted. When it
-- comes back, its row is replaced and the mark is gone.
create or replace procedure dwh.load_date()
as $$
begin

delete from dwh.date
where datekey in (select datekey from staging.date);

-- The night is a full export, so a member whose row is left is gone.
update dwh."date"
set deleted = true
where deleted = false;

insert into dwh.date (
    datekey, orderdate, year, quarter, month, monthname, isoyear, week, day,
    dayofweek, dayname, isweekend, deleted
)
select
    datekey,
    orderdate,
    year,
    quarter,
    month,
    monthname,
    isoyear,
    week,
    day,
    dayofweek,
    dayname,
    isweekend,
    false
from staging.date;

end;
$$ language plpgsql;
