-- Model "store": the landing tables, loaded by COPY.
-- Rendered from package model; change the model and run `make generate`.

-- Items of type "customer", in the columns of their Parquet files.
create table if not exists landing.address (
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Items of type "customer", in the columns of their Parquet files.
create table if not exists landing.customer (
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Items of type "order", in the columns of their Parquet files.
create table if not exists landing."order" (
    pk varchar(140) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp not null
);

-- Items of type "product", in the columns of their Parquet files.
create table if not exists landing.product (
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2) not null
);
