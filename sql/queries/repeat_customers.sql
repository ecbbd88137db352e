-- How many customers come back, and how much of the revenue do they bring?
--
-- Customers by how often they have ordered: once, twice, three or four times,
-- five times or more. Orders of the unknown customer are left out. The share of
-- the revenue is empty if no more was sold than given back.
with customer_orders as (
    select
        customerkey,
        count(distinct orderkey) as orders,
        sum(price) as revenue
    from dwh."order"
    where customerkey <> 0
    group by customerkey
),
grouped_customers as (
    select
        case
            when orders = 1 then '1 order'
            when orders = 2 then '2 orders'
            when orders < 5 then '3 to 4 orders'
            else '5 orders or more'
        end as ordered,
        orders,
        revenue
    from customer_orders
),
totals as (
    select
        count(*) as customers,
        sum(revenue) as revenue
    from customer_orders
)
select
    grouped_customers.ordered,
    count(*) as customers,
    cast(sum(grouped_customers.orders) as bigint) as orders,
    sum(grouped_customers.revenue) as revenue,
    cast(
        floor(1000 * cast(count(*) as double precision)
            / max(totals.customers) + 0.5) / 10 as decimal(18, 1)
    ) as percent_of_customers,
    case
        when max(totals.revenue) > 0
            then cast(
                floor(
                    1000
                    * cast(
                        sum(grouped_customers.revenue) * 100 as double precision
                    )
                    / cast(max(totals.revenue) * 100 as double precision) + 0.5
                ) / 10 as decimal(18, 1)
            )
    end as percent_of_revenue
from grouped_customers
cross join totals
group by grouped_customers.ordered
order by grouped_customers.ordered;
