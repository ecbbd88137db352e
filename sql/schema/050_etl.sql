-- Model "store": what the pipeline writes down.
-- Generated; change the model and run `make generate`.

-- One row for each column that Nightstar has created. Names of schemas have no
-- prefix.
create table if not exists etl.catalog (
    schema_name varchar(63) not null,
    table_name varchar(127) not null,
    column_name varchar(127) not null,
    position integer not null,
    type varchar(63) not null,
    required boolean not null,
    in_key boolean not null,
    origin varchar(4096) not null,
    primary key (schema_name, table_name, column_name)
);

-- One row for each run that has ended. What had not happened when it ended is
-- null.
create table if not exists etl.run (
    run_id varchar(320) not null,
    started_by varchar(256),
    started_at timestamp not null,
    ended_at timestamp not null,
    seconds bigint not null,
    result varchar(64) not null,
    cause varchar(4096),
    export_arn varchar(1024),
    manifest_key varchar(1024),
    export_time timestamp,
    items bigint,
    rows_loaded bigint,
    set_aside bigint,
    primary key (run_id)
);

-- What a run counted, one row for each table and sum.
create table if not exists etl.run_table (
    run_id varchar(320) not null,
    name varchar(256) not null,
    rows decimal(38,0) not null,
    primary key (run_id, name)
);

-- What a run counted in the warehouse. Where a number is expected, the two are
-- equal.
create table if not exists etl.proof (
    run_id varchar(320) not null,
    name varchar(1024) not null,
    counted decimal(38,0) not null,
    expected decimal(38,0),
    primary key (run_id, name)
);

-- The run whose night staging and dwh hold, one row for each of them.
create table if not exists etl.content (
    schema_name varchar(63) not null,
    run_id varchar(320) not null,
    primary key (schema_name)
);

-- Two letters that the database must tell apart.
create table if not exists etl.collation_probe (
    value varchar(1) not null
);

-- What the run has loaded that changes the warehouse, in one row.
create table if not exists etl.landing_window (
    run_id varchar(320) not null,
    mode varchar(16) not null,
    exported_from timestamp,
    exported_to timestamp,
    table_id varchar(256),
    fingerprint varchar(64) not null
);

-- What the run has loaded: the rows of each landing table, and the sums of
-- measures.
create table if not exists etl.expected (
    name varchar(1024) not null,
    rows decimal(38,0) not null
);

-- The moment that mirror and dwh show, in one row; no row if it is not known.
-- Only an increment that begins there changes them.
create table if not exists etl.watermark (
    run_id varchar(320) not null,
    table_id varchar(256),
    exported_to timestamp not null,
    fingerprint varchar(64) not null,
    full_run varchar(320) not null,
    increments bigint not null
);

-- What the last run left in mirror and dwh, in the names of proofs. An
-- increment begins with these numbers.
create table if not exists etl.held (
    name varchar(1024) not null,
    counted decimal(38,0) not null,
    primary key (name)
);

-- The run whose files the landing table of customer holds, in one row; no row
-- when it is empty.
create table if not exists etl.landing_customer (
    run_id varchar(320) not null,
    rows bigint not null
);

-- The run whose files the landing table of order holds, in one row; no row when
-- it is empty.
create table if not exists etl.landing_order (
    run_id varchar(320) not null,
    rows bigint not null
);

-- The run whose files the landing table of product holds, in one row; no row
-- when it is empty.
create table if not exists etl.landing_product (
    run_id varchar(320) not null,
    rows bigint not null
);
