-- Makes the touched members of date as they are now.
create or replace procedure touched.describe_date()
as $$
begin

-- New days, in the order of the calendar, after the highest key so far.
insert into staging.datekey (datekey, orderdate)
with members as (
    select distinct cast(mirror."order".orderdate as date) as orderdate
    from mirror."order"
    inner join (
        select distinct
            orderdate
        from touched.keys_of_date
    ) as touched
        on cast(mirror."order".orderdate as date) = touched.orderdate
),
new_members as (
    select distinct
        members.orderdate
    from members
    left join staging.datekey
        on members.orderdate = staging.datekey.orderdate
    where staging.datekey.datekey is null
),
highest_key as (
    select coalesce(max(datemaxkey), 0) as highest
    from staging.date_maxkey
)
select
    cast(highest_key.highest
        + row_number() over (order by new_members.orderdate) as integer),
    new_members.orderdate
from new_members
cross join highest_key;

delete from staging.date_maxkey;

insert into staging.date_maxkey (datemaxkey)
select coalesce(max(datekey), 0)
from staging.datekey;

delete from touched.members_of_date;

insert into touched.members_of_date (
    datekey, orderdate, year, quarter, month, monthname, isoyear, week, day,
    dayofweek, dayname, isweekend
)
with days as (
    select
        fullday,
        cast(extract(year from fullday) as integer) as year,
        cast(extract(quarter from fullday) as integer) as quarter,
        cast(extract(month from fullday) as integer) as month,
        cast(extract(week from fullday) as integer) as week,
        cast(extract(day from fullday) as integer) as day,
        case cast(extract(dow from fullday) as integer)
            when 0 then 7
            else cast(extract(dow from fullday) as integer)
        end as dayofweek
    from (
        select distinct cast(mirror."order".orderdate as date) as fullday
        from mirror."order"
        inner join (
            select distinct
                orderdate
            from touched.keys_of_date
        ) as touched
            on cast(mirror."order".orderdate as date) = touched.orderdate
    ) as fulldays
)
select
    staging.datekey.datekey,
    days.fullday,
    days.year,
    days.quarter,
    days.month,
    case days.month
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
    case
        when days.month = 1 and days.week > 50 then days.year - 1
        when days.month = 12 and days.week = 1 then days.year + 1
        else days.year
    end,
    days.week,
    days.day,
    days.dayofweek,
    case days.dayofweek
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        when 7 then 'Sunday'
    end,
    case when days.dayofweek > 5 then true else false end
from days
inner join staging.datekey
    on days.fullday = staging.datekey.orderdate;

delete from touched.turned_of_date;

insert into touched.turned_of_date (orderdate)
select staging.datekey.orderdate
from staging.datekey
inner join (
    select distinct
        orderdate
    from touched.keys_of_date
) as touched
    on staging.datekey.orderdate = touched.orderdate
left join staging.date as was
    on staging.datekey.datekey = was.datekey
left join touched.members_of_date as is_now
    on staging.datekey.datekey = is_now.datekey
where was.datekey is null and is_now.datekey is not null
    or was.datekey is not null and is_now.datekey is null;

end;
$$ language plpgsql;
