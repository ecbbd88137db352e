-- Publishes the touched members of date.
create or replace procedure touched.settle_date()
as $$
begin

delete from staging.date
where datekey in (
    select staging.datekey.datekey
    from staging.datekey
    inner join (
        select distinct
            orderdate
        from touched.keys_of_date
    ) as touched
        on staging.datekey.orderdate = touched.orderdate
);

insert into staging.date (
    datekey, orderdate, year, quarter, month, monthname, isoyear, week, day,
    dayofweek, dayname, isweekend
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
    isweekend
from touched.members_of_date;

delete from dwh.date
where datekey in (select datekey from touched.members_of_date);

-- A touched member whose row is left is gone.
update dwh."date"
set deleted = true
where deleted = false
    and datekey in (
        select staging.datekey.datekey
        from staging.datekey
        inner join (
            select distinct
                orderdate
            from touched.keys_of_date
        ) as touched
            on staging.datekey.orderdate = touched.orderdate
    );

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
from touched.members_of_date;

end;
$$ language plpgsql;
