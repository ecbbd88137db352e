-- Gives every day on which a trip started a surrogate key.
-- Grain: one row for each day, and the unknown day with key 0.
create or replace procedure staging.load_day()
as $$
begin

insert into staging.daykey (daykey, calendarday)
with new_days as (
    select distinct cast(landing.trip.startedat as date) as calendarday
    from landing.trip
    left join staging.daykey
        on cast(landing.trip.startedat as date) = staging.daykey.calendarday
    where staging.daykey.calendarday is null
),
highest_key as (
    select coalesce(max(daymaxkey), 0) as daymaxkey
    from staging.day_maxkey
)
select
    cast(highest_key.daymaxkey
        + row_number() over (order by new_days.calendarday) as integer),
    new_days.calendarday
from new_days
cross join highest_key;

delete from staging.day_maxkey;

insert into staging.day_maxkey (daymaxkey)
select coalesce(max(daykey), 0)
from staging.daykey;

delete from staging.day;

insert into staging.day (daykey, calendarday, year, month)
values (0, null, null, null);

insert into staging.day (daykey, calendarday, year, month)
select distinct
    staging.daykey.daykey,
    staging.daykey.calendarday,
    cast(extract(year from staging.daykey.calendarday) as integer),
    cast(extract(month from staging.daykey.calendarday) as integer)
from landing.trip
inner join staging.daykey
    on cast(landing.trip.startedat as date) = staging.daykey.calendarday;

end;
$$ language plpgsql;
