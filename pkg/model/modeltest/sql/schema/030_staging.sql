-- Model "fleet": the staging tables and the surrogate keys.
-- Rendered from package model; change the model and run `make generate`.

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.daykey (
    daykey integer not null,
    calendarday date not null,
    primary key (daykey)
);

-- The highest surrogate key given so far, in one row; no row before the first night.
create table if not exists staging.day_maxkey (
    daymaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.day (
    daykey integer not null,
    calendarday date,
    year integer,
    month integer,
    primary key (daykey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.vehiclekey (
    vehiclekey integer not null,
    vin varchar(17) not null,
    primary key (vehiclekey)
);

-- The highest surrogate key given so far, in one row; no row before the first night.
create table if not exists staging.vehicle_maxkey (
    vehiclemaxkey integer not null
);

-- One row for each member of the night, and the unknown member with key 0.
create table if not exists staging.vehicle (
    vehiclekey integer not null,
    vin varchar(17),
    plate varchar(20),
    maker varchar(100),
    batterykwh decimal(6,1),
    electric boolean,
    primary key (vehiclekey)
);

-- Every surrogate key given so far. Rows are added, never changed.
create table if not exists staging.tripkey (
    tripkey integer not null,
    vin varchar(17) not null,
    tripid varchar(40) not null,
    primary key (tripkey)
);

-- The highest surrogate key given so far, in one row; no row before the first night.
create table if not exists staging.trip_maxkey (
    tripmaxkey integer not null
);

-- One row for each trip of each vehicle.
create table if not exists staging.trip (
    tripkey integer not null,
    daykey integer not null,
    vehiclekey integer not null,
    metres bigint not null,
    kwh decimal(10,3),
    primary key (tripkey)
);
