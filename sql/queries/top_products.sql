-- Which products bring the most revenue, and what share of their category?
--
-- The three best products of each category, by revenue over all time; of
-- products with the same revenue the one with the lower id comes first. The share
-- is empty in a category where no more was sold than given back.
with product_sales as (
    select
        coalesce(dwh.product.category, 'unknown') as category,
        dwh.product.productid,
        dwh.product.productname,
        count(*) as units,
        sum(dwh."order".price) as revenue
    from dwh."order"
    inner join dwh.product
        on dwh."order".productkey = dwh.product.productkey
    group by
        coalesce(dwh.product.category, 'unknown'),
        dwh.product.productid,
        dwh.product.productname
),
ranked_products as (
    select
        category,
        productid,
        productname,
        units,
        revenue,
        sum(revenue) over (partition by category) as category_revenue,
        row_number() over (
            partition by category order by revenue desc, productid
        ) as place
    from product_sales
)
select
    category,
    place,
    productid,
    productname,
    units,
    revenue,
    case
        when category_revenue > 0
            then cast(
                floor(
                    1000 * cast(revenue * 100 as double precision)
                    / cast(category_revenue * 100 as double precision) + 0.5
                ) / 10 as decimal(18, 1)
            )
    end as percent_of_category
from ranked_products
where place <= 3
order by category, place;
