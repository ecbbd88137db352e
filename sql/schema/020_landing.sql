-- Model "store": the landing tables, loaded by COPY.
-- Generated; change the model and run `make generate`.

-- Rows of "customer", in the columns of their Parquet files. A registered user,
-- with one address.
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

-- Rows of "order", in the columns of their Parquet files. An order of a
-- customer.
create table if not exists landing."order" (
    pk varchar(140) not null,
    username varchar(128) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp not null
);

-- Rows of "product", in the columns of their Parquet files. One product of an
-- order, an order line.
create table if not exists landing.product (
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2) not null
);
