-- How many facts, and how much revenue, hang on an unknown date, customer,
-- address or product?
--
-- One row for each dimension, also where nothing is unknown. A rising number
-- is a question to the application that writes the table.
select
    'date' as dimension,
    count(*) as facts,
    cast(coalesce(sum(price), 0) as decimal(18, 2)) as revenue
from dwh."order"
where datekey = 0
union all
select
    'customer' as dimension,
    count(*) as facts,
    cast(coalesce(sum(price), 0) as decimal(18, 2)) as revenue
from dwh."order"
where customerkey = 0
union all
select
    'address' as dimension,
    count(*) as facts,
    cast(coalesce(sum(price), 0) as decimal(18, 2)) as revenue
from dwh."order"
where addresskey = 0
union all
select
    'product' as dimension,
    count(*) as facts,
    cast(coalesce(sum(price), 0) as decimal(18, 2)) as revenue
from dwh."order"
where productkey = 0
order by dimension;
