-- Model "store": what an increment touches.
-- Generated; change the model and run `make generate`.

-- Rows of "customer" that an increment takes from the mirror, and those that it
-- puts there.
create table if not exists touched.moved_customer (
    change varchar(6) not null,
    username varchar(128) not null,
    email varchar(320),
    fullname varchar(400),
    addressline1 varchar(400),
    addressline2 varchar(400),
    city varchar(200),
    postcode varchar(40),
    country varchar(100)
);

-- Rows of "order" that an increment takes from the mirror, and those that it
-- puts there.
create table if not exists touched.moved_order (
    change varchar(6) not null,
    pk varchar(140) not null,
    username varchar(128) not null,
    orderid varchar(64) not null,
    numberofitems integer,
    amount decimal(18,2),
    orderdate timestamp not null
);

-- Rows of "product" that an increment takes from the mirror, and those that it
-- puts there.
create table if not exists touched.moved_product (
    change varchar(6) not null,
    orderid varchar(64) not null,
    productid varchar(64) not null,
    productname varchar(200),
    category varchar(100),
    color varchar(50),
    price decimal(18,2) not null
);

-- Business keys of date that an increment touches.
create table if not exists touched.keys_of_date (
    orderdate date not null
);

-- Members of date as they are after an increment.
create table if not exists touched.members_of_date (
    datekey integer not null,
    orderdate date,
    year integer,
    quarter integer,
    month integer,
    monthname varchar(9),
    isoyear integer,
    week integer,
    day integer,
    dayofweek integer,
    dayname varchar(9),
    isweekend boolean
);

-- Business keys of members of date that have come or gone.
create table if not exists touched.turned_of_date (
    orderdate date not null
);

-- What identifies the rows that customer is made anew of.
create table if not exists touched.rows_of_customer (
    username varchar(128) not null
);

-- Business keys of customer that an increment touches.
create table if not exists touched.keys_of_customer (
    username varchar(128) not null
);

-- Members of customer as they are after an increment.
create table if not exists touched.members_of_customer (
    customerkey integer not null,
    username varchar(128),
    email varchar(320),
    fullname varchar(400)
);

-- Business keys of members of customer that have come or gone.
create table if not exists touched.turned_of_customer (
    username varchar(128) not null
);

-- What identifies the rows that address is made anew of.
create table if not exists touched.rows_of_address (
    username varchar(128) not null
);

-- Business keys of address that an increment touches.
create table if not exists touched.keys_of_address (
    username varchar(128) not null,
    postcode varchar(40) not null
);

-- Members of address as they are after an increment.
create table if not exists touched.members_of_address (
    addresskey integer not null,
    username varchar(128),
    addressline1 varchar(400),
    addressline2 varchar(400),
    postcode varchar(40),
    city varchar(200),
    country varchar(100)
);

-- Business keys of members of address that have come or gone.
create table if not exists touched.turned_of_address (
    username varchar(128) not null,
    postcode varchar(40) not null
);

-- What identifies the rows that product is made anew of.
create table if not exists touched.rows_of_product (
    orderid varchar(64) not null,
    productid varchar(64) not null
);

-- Business keys of product that an increment touches.
create table if not exists touched.keys_of_product (
    productid varchar(64) not null
);

-- Members of product as they are after an increment.
create table if not exists touched.members_of_product (
    productkey integer not null,
    productid varchar(64),
    productname varchar(200),
    color varchar(50),
    category varchar(100)
);

-- Business keys of members of product that have come or gone.
create table if not exists touched.turned_of_product (
    productid varchar(64) not null
);

-- What identifies the rows that order is made anew of.
create table if not exists touched.rows_of_order (
    orderid varchar(64) not null,
    productid varchar(64) not null
);

-- What identifies the rows of order whose members have come or gone.
create table if not exists touched.late_rows_of_order (
    orderid varchar(64) not null,
    productid varchar(64) not null
);

-- Facts of order that an increment takes away.
create table if not exists touched.gone_of_order (
    orderkey integer not null,
    datekey integer not null,
    customerkey integer not null,
    addresskey integer not null,
    productkey integer not null,
    price decimal(18,2) not null,
    numberofitems integer
);
