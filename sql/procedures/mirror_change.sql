-- Brings the changes into the mirror.
create or replace procedure mirror.change()
as $$
begin

delete from mirror.customer
using "delta".moved_customer
where mirror.customer.username = "delta".moved_customer.username
    and "delta".moved_customer.change = 'delete';

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
from "delta".moved_customer
where change = 'put';

delete from mirror."order"
using "delta".moved_order
where mirror."order".username = "delta".moved_order.username
    and mirror."order".orderid = "delta".moved_order.orderid
    and "delta".moved_order.change = 'delete';

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
from "delta".moved_order
where change = 'put';

delete from mirror.product
using "delta".moved_product
where mirror.product.orderid = "delta".moved_product.orderid
    and mirror.product.productid = "delta".moved_product.productid
    and "delta".moved_product.change = 'delete';

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
from "delta".moved_product
where change = 'put';

end;
$$ language plpgsql;
