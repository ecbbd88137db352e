-- Gives every day on which there is an order a surrogate key, and describes
-- the days of the night.
-- Grain: one row for each day, and the unknown day with key 0.
-- Reads: landing."order". Writes: staging.datekey, date_maxkey, date.
-- Timestamps are UTC; a day is the UTC day. Weeks and days of the week are
-- those of ISO 8601: Monday is 1.
create or replace procedure staging.load_date()
as $$
begin

-- New days, in the order of the calendar, after the highest key so far.
insert into staging.datekey (datekey, orderdate)
with new_days as (
    select distinct cast(landing."order".orderdate as date) as orderdate
    from landing."order"
    left join staging.datekey
        on cast(landing."order".orderdate as date) = staging.datekey.orderdate
    where staging.datekey.orderdate is null
),
highest_key as (
    select coalesce(max(datemaxkey), 0) as datemaxkey
    from staging.date_maxkey
)
select
    cast(highest_key.datemaxkey
        + row_number() over (order by new_days.orderdate) as integer),
    new_days.orderdate
from new_days
cross join highest_key;

delete from staging.date_maxkey;

insert into staging.date_maxkey (datemaxkey)
select coalesce(max(datekey), 0)
from staging.datekey;

delete from staging.date;

insert into staging.date (
    datekey, orderdate, year, quarter, month, monthname, week, day, dayofweek,
    dayname, isweekend
)
values (
    0, null, null, null, null, 'unknown', null, null, null,
    'unknown', null
);

insert into staging.date (
    datekey, orderdate, year, quarter, month, monthname, week, day, dayofweek,
    dayname, isweekend
)
with days as (
    select distinct cast(orderdate as date) as orderdate
    from landing."order"
),
days_with_parts as (
    select
        orderdate,
        cast(extract(year from orderdate) as integer) as year,
        cast(extract(quarter from orderdate) as integer) as quarter,
        cast(extract(month from orderdate) as integer) as month,
        cast(extract(week from orderdate) as integer) as week,
        cast(extract(day from orderdate) as integer) as day,
        -- Sunday is 0 here in every engine, so it is moved behind Saturday.
        case cast(extract(dow from orderdate) as integer)
            when 0 then 7
            else cast(extract(dow from orderdate) as integer)
        end as dayofweek
    from days
)
select
    staging.datekey.datekey,
    days_with_parts.orderdate,
    days_with_parts.year,
    days_with_parts.quarter,
    days_with_parts.month,
    case days_with_parts.month
        when 1 then 'January'
        when 2 then 'February'
        when 3 then 'March'
        when 4 then 'April'
        when 5 then 'May'
        when 6 then 'June'
        when 7 then 'July'
        when 8 then 'August'
        when 9 then 'September'
        when 10 then 'October'
        when 11 then 'November'
        when 12 then 'December'
    end,
    days_with_parts.week,
    days_with_parts.day,
    days_with_parts.dayofweek,
    case days_with_parts.dayofweek
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        when 7 then 'Sunday'
    end,
    case when days_with_parts.dayofweek > 5 then true else false end
from days_with_parts
inner join staging.datekey
    on days_with_parts.orderdate = staging.datekey.orderdate;

end;
$$ language plpgsql;
