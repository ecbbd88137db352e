-- How has the price of each product changed?
--
-- One row for each price at which a product was sold: the first and the last
-- day of it, the units sold, and the difference to the price that was first
-- paid before it. The fact keeps the price of its own line, so history needs
-- nothing else. Lines on an unknown date are left out.
with prices as (
    select
        dwh.product.productid,
        dwh.product.productname,
        dwh."order".price,
        min(dwh.date.orderdate) as first_sold,
        max(dwh.date.orderdate) as last_sold,
        count(*) as units
    from dwh."order"
    inner join dwh.product
        on dwh."order".productkey = dwh.product.productkey
    inner join dwh.date
        on dwh."order".datekey = dwh.date.datekey
    where dwh."order".datekey <> 0
    group by
        dwh.product.productid,
        dwh.product.productname,
        dwh."order".price
)
select
    productid,
    productname,
    price,
    first_sold,
    last_sold,
    units,
    price - lag(price) over (
        partition by productid order by first_sold, price
    ) as change
from prices
order by productid, first_sold, price;
