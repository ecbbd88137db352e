-- Finds the rows that mirror.product loses and gets.
create or replace procedure touched.find_product()
as $$
begin

delete from touched.moved_product;

insert into touched.moved_product (
    change, orderid, productid, productname, category, color, price
)
with latest as (
    select
        changes.product.op,
        changes.product.orderid,
        changes.product.productid,
        changes.product.productname,
        changes.product.category,
        changes.product.color,
        changes.product.price,
        row_number() over (
            partition by changes.product.orderid, changes.product.productid
            order by
                changes.product.written desc nulls last,
                case when changes.product.op = 'put' then 0 else 1 end
        ) as place
    from changes.product
)
select
    'delete',
    mirror.product.orderid,
    mirror.product.productid,
    mirror.product.productname,
    mirror.product.category,
    mirror.product.color,
    mirror.product.price
from mirror.product
inner join latest
    on mirror.product.orderid = latest.orderid
    and mirror.product.productid = latest.productid
    and latest.place = 1
union all
select
    'put',
    latest.orderid,
    latest.productid,
    latest.productname,
    latest.category,
    latest.color,
    latest.price
from latest
where latest.place = 1
    and latest.op = 'put';

end;
$$ language plpgsql;
