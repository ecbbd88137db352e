-- Model "store": the staging tables and the surrogate keys.
-- Generated; change the model and run `make generate`.

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.datekey (
    datekey integer not null,
    orderdate date not null,
    primary key (datekey)
);

-- The highest surrogate key given so far, in one row; no row before the first
-- night.
create table if not exists staging.date_maxkey (
    datemaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.date (
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
    primary key (datekey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.customerkey (
    customerkey integer not null,
    username varchar(128) not null,
    primary key (customerkey)
);

-- The highest surrogate key given so far, in one row; no row before the first
-- night.
create table if not exists staging.customer_maxkey (
    customermaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.customer (
    customerkey integer not null,
    username varchar(128),
    email varchar(320),
    fullname varchar(400),
    primary key (customerkey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.addresskey (
    addresskey integer not null,
    username varchar(128) not null,
    postcode varchar(40) not null,
    primary key (addresskey)
);

-- The highest surrogate key given so far, in one row; no row before the first
-- night.
create table if not exists staging.address_maxkey (
    addressmaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.address (
    addresskey integer not null,
    username varchar(128),
    addressline1 varchar(400),
    addressline2 varchar(400),
    postcode varchar(40),
    city varchar(200),
    country varchar(100),
    primary key (addresskey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.productkey (
    productkey integer not null,
    productid varchar(64) not null,
    primary key (productkey)
);

-- The highest surrogate key given so far, in one row; no row before the first
-- night.
create table if not exists staging.product_maxkey (
    productmaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.product (
    productkey integer not null,
    productid varchar(64),
    productname varchar(200),
    color varchar(50),
    category varchar(100),
    primary key (productkey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.orderkey (
    orderkey integer not null,
    orderid varchar(64) not null,
    primary key (orderkey)
);

-- The highest surrogate key given so far, in one row; no row before the first
-- night.
create table if not exists staging.order_maxkey (
    ordermaxkey integer not null
);

-- One row for each product of each order.
create table if not exists staging."order" (
    orderkey integer not null,
    datekey integer not null,
    customerkey integer not null,
    addresskey integer not null,
    productkey integer not null,
    price decimal(18,2) not null,
    numberofitems integer,
    primary key (orderkey, productkey)
);
