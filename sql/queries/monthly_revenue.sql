-- How do orders and revenue develop from month to month?
--
-- One row for each month with orders: orders, revenue, what an order brought on
-- average, the change against the month with orders before it, and the revenue
-- of the year so far.
with months as (
    select
        dwh.date.year,
        dwh.date.month,
        count(distinct dwh."order".orderkey) as orders,
        sum(dwh."order".price) as revenue
    from dwh."order"
    inner join dwh.date
        on dwh."order".datekey = dwh.date.datekey
    where dwh."order".datekey <> 0
    group by
        dwh.date.year,
        dwh.date.month
)
select
    year,
    month,
    orders,
    revenue,
    cast(
        floor(cast(revenue * 100 as double precision) / orders + 0.5)
        / 100 as decimal(18, 2)
    ) as revenue_per_order,
    revenue - lag(revenue) over (order by year, month) as change,
    sum(revenue) over (
        partition by year
        order by month
        rows between unbounded preceding and current row
    ) as revenue_of_year_so_far
from months
order by year, month;
