-- How did the last runs end, and which of them does the star show?
--
-- One row for each of the last thirty runs, the newest first. A run without a
-- result has published and is not recorded yet: it goes on, or its execution was
-- ended from outside, or could not submit its row, and no later run has ended
-- since. The record of each run is also in the lake, runs/<run>/run.json.
with runs as (
    select run_id
    from etl.run
    union
    select run_id
    from etl.content
    where schema_name = 'dwh'
)
select
    runs.run_id,
    etl.run.started_at,
    etl.run.seconds,
    etl.run.result,
    etl.run.items,
    etl.run.rows_loaded,
    etl.run.set_aside,
    case when etl.content.run_id is not null then true else false end
        as in_star,
    etl.run.cause
from runs
left join etl.run
    on runs.run_id = etl.run.run_id
left join etl.content
    on runs.run_id = etl.content.run_id
    and etl.content.schema_name = 'dwh'
order by etl.run.started_at desc nulls first, runs.run_id
limit 30;
