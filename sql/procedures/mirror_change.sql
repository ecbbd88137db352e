-- Brings the changes into the mirror.
create or replace procedure mirror.change()
as $$
begin

delete from mirror.customer
where exists (
    select 1
    from touched.moved_customer
    where mirror.customer.username = touched.moved_customer.username
        and touched.moved_customer.change = 'delete'
);

insert into mirror.customer (
    username, email, fullname, addressline1, addressline2, city, postcode,
    country
)
select
    username,
    email,
    fullname,
    addressline1,
    addressline2,
    city,
    postcode,
    country
from touched.moved_customer
where change = 'put';

delete from mirror."order"
where exists (
    select 1
    from touched.moved_order
    where mirror."order".username = touched.moved_order.username
        and mirror."order".orderid = touched.moved_order.orderid
        and touched.moved_order.change = 'delete'
);

insert into mirror."order" (
    pk, username, orderid, numberofitems, amount, orderdate
)
select
    pk,
    username,
    orderid,
    numberofitems,
    amount,
    orderdate
from touched.moved_order
where change = 'put';

delete from mirror.product
where exists (
    select 1
    from touched.moved_product
    where mirror.product.orderid = touched.moved_product.orderid
        and mirror.product.productid = touched.moved_product.productid
        and touched.moved_product.change = 'delete'
);

insert into mirror.product (
    orderid, productid, productname, category, color, price
)
select
    orderid,
    productid,
    productname,
    category,
    color,
    price
from touched.moved_product
where change = 'put';

end;
$$ language plpgsql;
