-- Counts how the mirror that increments have made differs from a full export,
-- which has just replaced it.
create or replace procedure mirror.compare()
as $$
begin

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
differences as (
    select
        coalesce(sum(case when was.username is null then 1 else 0 end), 0) as lost,
        coalesce(sum(case when exported.username is null then 1 else 0 end), 0) as kept,
        coalesce(sum(case when was.username is not null and exported.username is not null
        and (false
        or was.email <> exported.email
        or was.email is null and exported.email is not null
        or was.email is not null and exported.email is null
        or was.fullname <> exported.fullname
        or was.fullname is null and exported.fullname is not null
        or was.fullname is not null and exported.fullname is null
        or was.addressline1 <> exported.addressline1
        or was.addressline1 is null and exported.addressline1 is not null
        or was.addressline1 is not null and exported.addressline1 is null
        or was.addressline2 <> exported.addressline2
        or was.addressline2 is null and exported.addressline2 is not null
        or was.addressline2 is not null and exported.addressline2 is null
        or was.city <> exported.city
        or was.city is null and exported.city is not null
        or was.city is not null and exported.city is null
        or was.postcode <> exported.postcode
        or was.postcode is null and exported.postcode is not null
        or was.postcode is not null and exported.postcode is null
        or was.country <> exported.country
        or was.country is null and exported.country is not null
        or was.country is not null and exported.country is null) then 1 else 0 end), 0) as different
    from mirror.customer as exported
    full join mirror.customer_next as was
        on exported.username = was.username
),
since as (
    select count(*) as same_moment
    from etl.landing_window as announced
    inner join etl.watermark as held
        on announced.exported_to = held.exported_to
)
select run.run_id, 'mirror.customer: rows that increments have lost', differences.lost, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.customer: rows that increments have kept too long', differences.kept, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.customer: rows that increments have left different', differences.different, case when since.same_moment = 1 then 0 end
from run, differences, since;

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
differences as (
    select
        coalesce(sum(case when was.username is null then 1 else 0 end), 0) as lost,
        coalesce(sum(case when exported.username is null then 1 else 0 end), 0) as kept,
        coalesce(sum(case when was.username is not null and exported.username is not null
        and (false
        or was.pk <> exported.pk
        or was.numberofitems <> exported.numberofitems
        or was.numberofitems is null and exported.numberofitems is not null
        or was.numberofitems is not null and exported.numberofitems is null
        or was.amount <> exported.amount
        or was.amount is null and exported.amount is not null
        or was.amount is not null and exported.amount is null
        or was.orderdate <> exported.orderdate) then 1 else 0 end), 0) as different
    from mirror."order" as exported
    full join mirror.order_next as was
        on exported.username = was.username
        and exported.orderid = was.orderid
),
since as (
    select count(*) as same_moment
    from etl.landing_window as announced
    inner join etl.watermark as held
        on announced.exported_to = held.exported_to
)
select run.run_id, 'mirror.order: rows that increments have lost', differences.lost, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.order: rows that increments have kept too long', differences.kept, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.order: rows that increments have left different', differences.different, case when since.same_moment = 1 then 0 end
from run, differences, since;

insert into etl.proof (run_id, name, counted, expected)
with run as (
    select coalesce(max(run_id), '') as run_id
    from etl.content
    where schema_name = 'staging'
),
differences as (
    select
        coalesce(sum(case when was.orderid is null then 1 else 0 end), 0) as lost,
        coalesce(sum(case when exported.orderid is null then 1 else 0 end), 0) as kept,
        coalesce(sum(case when was.orderid is not null and exported.orderid is not null
        and (false
        or was.productname <> exported.productname
        or was.productname is null and exported.productname is not null
        or was.productname is not null and exported.productname is null
        or was.category <> exported.category
        or was.category is null and exported.category is not null
        or was.category is not null and exported.category is null
        or was.color <> exported.color
        or was.color is null and exported.color is not null
        or was.color is not null and exported.color is null
        or was.price <> exported.price) then 1 else 0 end), 0) as different
    from mirror.product as exported
    full join mirror.product_next as was
        on exported.orderid = was.orderid
        and exported.productid = was.productid
),
since as (
    select count(*) as same_moment
    from etl.landing_window as announced
    inner join etl.watermark as held
        on announced.exported_to = held.exported_to
)
select run.run_id, 'mirror.product: rows that increments have lost', differences.lost, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.product: rows that increments have kept too long', differences.kept, case when since.same_moment = 1 then 0 end
from run, differences, since
union all
select run.run_id, 'mirror.product: rows that increments have left different', differences.different, case when since.same_moment = 1 then 0 end
from run, differences, since;


end;
$$ language plpgsql;
