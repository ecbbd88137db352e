-- Model "store": the star schema.
-- Generated; change the model and run `make generate`.

-- One row for each member ever seen, and the unknown member with key 0.
create table if not exists dwh.date (
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
    isweekend boolean,
    deleted boolean not null,
    primary key (datekey)
);

-- One row for each member ever seen, and the unknown member with key 0.
create table if not exists dwh.customer (
    customerkey integer not null,
    username varchar(128),
    email varchar(320),
    fullname varchar(400),
    deleted boolean not null,
    primary key (customerkey)
);

-- One row for each member ever seen, and the unknown member with key 0. Moving
-- makes a new member. Correcting a street does not.
create table if not exists dwh.address (
    addresskey integer not null,
    username varchar(128),
    addressline1 varchar(400),
    addressline2 varchar(400),
    postcode varchar(40),
    city varchar(200),
    country varchar(100),
    deleted boolean not null,
    primary key (addresskey)
);

-- One row for each member ever seen, and the unknown member with key 0. A
-- product as its latest order describes it.
create table if not exists dwh.product (
    productkey integer not null,
    productid varchar(64),
    productname varchar(200),
    color varchar(50),
    category varchar(100),
    deleted boolean not null,
    primary key (productkey)
);

-- One row for each product of each order.
create table if not exists dwh."order" (
    orderkey integer not null,
    datekey integer not null,
    customerkey integer not null,
    addresskey integer not null,
    productkey integer not null,
    price decimal(18,2) not null,
    numberofitems integer,
    primary key (orderkey, productkey)
);
