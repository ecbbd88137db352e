-- Finds the rows that mirror.customer loses and gets.
create or replace procedure touched.find_customer()
as $$
begin

delete from touched.moved_customer;

insert into touched.moved_customer (
    change, username, email, fullname, addressline1, addressline2, city,
    postcode, country
)
with latest as (
    select
        changes.customer.op,
        changes.customer.username,
        changes.customer.email,
        changes.customer.fullname,
        changes.customer.addressline1,
        changes.customer.addressline2,
        changes.customer.city,
        changes.customer.postcode,
        changes.customer.country,
        row_number() over (
            partition by changes.customer.username
            order by
                changes.customer.written desc nulls last,
                case when changes.customer.op = 'put' then 0 else 1 end
        ) as place
    from changes.customer
)
select
    'delete',
    mirror.customer.username,
    mirror.customer.email,
    mirror.customer.fullname,
    mirror.customer.addressline1,
    mirror.customer.addressline2,
    mirror.customer.city,
    mirror.customer.postcode,
    mirror.customer.country
from mirror.customer
inner join latest
    on mirror.customer.username = latest.username
    and latest.place = 1
union all
select
    'put',
    latest.username,
    latest.email,
    latest.fullname,
    latest.addressline1,
    latest.addressline2,
    latest.city,
    latest.postcode,
    latest.country
from latest
where latest.place = 1
    and latest.op = 'put';

end;
$$ language plpgsql;
