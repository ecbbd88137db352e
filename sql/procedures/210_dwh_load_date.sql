-- Publishes the days of the night.
-- Grain: one row for each day ever seen, and the unknown one with key 0.
-- Reads: staging.date. Writes: dwh.date.
-- What the source no longer holds keeps its row and is marked deleted; when it
-- comes back, its row is replaced and the mark is gone.
-- A day that has no orders any more is gone like any other member.
create or replace procedure dwh.load_date()
as $$
begin

delete from dwh.date
where datekey in (select datekey from staging.date);

insert into dwh.date (
    datekey, orderdate, year, quarter, month, monthname, week, day, dayofweek,
    dayname, isweekend, deleted
)
select
    datekey,
    orderdate,
    year,
    quarter,
    month,
    monthname,
    week,
    day,
    dayofweek,
    dayname,
    isweekend,
    false
from staging.date;

-- The night is a full export: what is not in it is gone. The quotes are for
-- grammars that take a plain date here for the type.
update dwh."date"
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.date
        where staging.date.datekey = dwh.date.datekey
    );

end;
$$ language plpgsql;
