-- Publishes the days of the night; those that are gone are marked.
-- Grain: one row for each day ever seen, and the unknown one with key 0.
create or replace procedure dwh.load_day()
as $$
begin

delete from dwh.day
where daykey in (select daykey from staging.day);

insert into dwh.day (
    daykey, calendarday, year, month, deleted
)
select
    daykey,
    calendarday,
    year,
    month,
    false
from staging.day;

update dwh.day
set deleted = true
where deleted = false
    and not exists (
        select 1
        from staging.day
        where staging.day.daykey = dwh.day.daykey
    );

end;
$$ language plpgsql;
