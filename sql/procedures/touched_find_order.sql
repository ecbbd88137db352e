-- Finds the rows that mirror."order" loses and gets.
create or replace procedure touched.find_order()
as $$
begin

delete from touched.moved_order;

insert into touched.moved_order (
    change, pk, username, orderid, numberofitems, amount, orderdate
)
with latest as (
    select
        changes."order".op,
        changes."order".pk,
        changes."order".username,
        changes."order".orderid,
        changes."order".numberofitems,
        changes."order".amount,
        changes."order".orderdate,
        row_number() over (
            partition by changes."order".username, changes."order".orderid
            order by
                changes."order".written desc nulls last,
                case when changes."order".op = 'put' then 0 else 1 end
        ) as place
    from changes."order"
)
select
    'delete',
    mirror."order".pk,
    mirror."order".username,
    mirror."order".orderid,
    mirror."order".numberofitems,
    mirror."order".amount,
    mirror."order".orderdate
from mirror."order"
inner join latest
    on mirror."order".username = latest.username
    and mirror."order".orderid = latest.orderid
    and latest.place = 1
union all
select
    'put',
    latest.pk,
    latest.username,
    latest.orderid,
    latest.numberofitems,
    latest.amount,
    latest.orderdate
from latest
where latest.place = 1
    and latest.op = 'put';

end;
$$ language plpgsql;
