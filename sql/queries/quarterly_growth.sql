-- How did the sales of each quarter grow against the same quarter of the year
-- before, by country and category?
--
-- Every quarter of every year in which anything was sold, for each country and
-- category that sold in it or a year before. Growth is in percent: empty where
-- nothing was sold a year before or more was given back than sold, because it
-- says nothing then; -100 where nothing is sold any more. Facts on an unknown
-- date belong to no quarter; unknown_members.sql counts them.
with sales as (
    select
        coalesce(dwh.address.country, 'unknown') as country,
        coalesce(dwh.product.category, 'unknown') as category,
        dwh.date.year,
        dwh.date.quarter,
        sum(dwh."order".price) as revenue
    from dwh."order"
    inner join dwh.date
        on dwh."order".datekey = dwh.date.datekey
    inner join dwh.address
        on dwh."order".addresskey = dwh.address.addresskey
    inner join dwh.product
        on dwh."order".productkey = dwh.product.productkey
    where dwh."order".datekey <> 0
    group by
        coalesce(dwh.address.country, 'unknown'),
        coalesce(dwh.product.category, 'unknown'),
        dwh.date.year,
        dwh.date.quarter
),
quarters as (
    select distinct
        year,
        quarter
    from sales
),
-- A sale counts in its own quarter, and as the base of a year later.
sales_and_bases as (
    select
        country,
        category,
        year,
        quarter,
        revenue,
        cast(0 as decimal(18, 2)) as revenue_year_before
    from sales
    union all
    select
        country,
        category,
        year + 1,
        quarter,
        cast(0 as decimal(18, 2)),
        revenue
    from sales
),
compared as (
    select
        sales_and_bases.country,
        sales_and_bases.category,
        sales_and_bases.year,
        sales_and_bases.quarter,
        sum(sales_and_bases.revenue) as revenue,
        sum(sales_and_bases.revenue_year_before) as revenue_year_before
    from sales_and_bases
    inner join quarters
        on sales_and_bases.year = quarters.year
        and sales_and_bases.quarter = quarters.quarter
    group by
        sales_and_bases.country,
        sales_and_bases.category,
        sales_and_bases.year,
        sales_and_bases.quarter
),
-- Whole cents and floor, because engines divide decimals and round halves
-- differently; so growth is exact, halves away from zero.
growth as (
    select
        country,
        category,
        year,
        quarter,
        revenue,
        revenue_year_before,
        case
            when revenue_year_before > 0
                then
                    10000
                    * cast(
                        (revenue - revenue_year_before) * 100
                        as double precision
                    )
                    / cast(revenue_year_before * 100 as double precision)
        end as basis_points
    from compared
)
select
    country,
    category,
    year,
    quarter,
    revenue,
    revenue_year_before,
    cast(
        sign(basis_points) * floor(abs(basis_points) + 0.5) / 100
        as decimal(18, 2)
    ) as growth_percent
from growth
order by country, category, year, quarter;
