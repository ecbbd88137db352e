-- Model "store": the mirror and the landing tables, which COPY loads.
-- Generated; change the model and run `make generate`.

-- Changes of "customer", in the columns of their Parquet files.
create table if not exists changes.customer (
    op varchar(6) not null,
    written timestamp not null,
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Changes of "order", in the columns of their Parquet files.
create table if not exists changes."order" (
    op varchar(6) not null,
    written timestamp not null,
    pk varchar(140),
    username varchar(128) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp
);

-- Changes of "product", in the columns of their Parquet files.
create table if not exists changes.product (
    op varchar(6) not null,
    written timestamp not null,
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2)
);

-- Every current row of "customer". A registered user, with one address.
create table if not exists mirror.customer (
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Rows of "customer" of a full export, in the columns of their Parquet files.
create table if not exists mirror.customer_next (
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Every current row of "order". An order of a customer.
create table if not exists mirror."order" (
    pk varchar(140) not null,
    username varchar(128) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp not null
);

-- Rows of "order" of a full export, in the columns of their Parquet files.
create table if not exists mirror.order_next (
    pk varchar(140) not null,
    username varchar(128) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp not null
);

-- Every current row of "product". One product of an order, an order line.
create table if not exists mirror.product (
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2) not null
);

-- Rows of "product" of a full export, in the columns of their Parquet files.
create table if not exists mirror.product_next (
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2) not null
);
