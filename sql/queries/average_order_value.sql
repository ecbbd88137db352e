-- What is an average order worth in each country, and how many items has it?
--
-- An order counts once, with the sum of its lines. numberofitems is a measure
-- of the order that stands on each of its lines, so it is taken once, not added
-- up; items per order leaves out the orders that do not state it.
with orders as (
    select
        coalesce(dwh.address.country, 'unknown') as country,
        dwh."order".orderkey,
        sum(dwh."order".price) as revenue,
        max(dwh."order".numberofitems) as items
    from dwh."order"
    inner join dwh.address
        on dwh."order".addresskey = dwh.address.addresskey
    group by
        coalesce(dwh.address.country, 'unknown'),
        dwh."order".orderkey
)
select
    country,
    count(*) as orders,
    sum(revenue) as revenue,
    cast(
        floor(cast(sum(revenue) * 100 as double precision) / count(*) + 0.5)
        / 100 as decimal(18, 2)
    ) as revenue_per_order,
    cast(
        floor(
            10 * cast(sum(items) as double precision)
            / nullif(count(items), 0) + 0.5
        ) / 10 as decimal(18, 1)
    ) as items_per_order
from orders
group by country
order by country;
