-- Model "fleet": the star schema.
-- Rendered from package model; change the model and run `make generate`.

-- One row for each member ever seen, and the unknown member with key 0.
create table if not exists dwh.day (
    daykey integer not null,
    calendarday date,
    year integer,
    month integer,
    deleted boolean not null,
    primary key (daykey)
);

-- One row for each member ever seen, and the unknown member with key 0.
create table if not exists dwh.vehicle (
    vehiclekey integer not null,
    vin varchar(17),
    plate varchar(20),
    maker varchar(100),
    batterykwh decimal(6,1),
    electric boolean,
    deleted boolean not null,
    primary key (vehiclekey)
);

-- One row for each trip of each vehicle.
create table if not exists dwh.trip (
    tripkey integer not null,
    daykey integer not null,
    vehiclekey integer not null,
    metres bigint not null,
    kwh decimal(10,3),
    primary key (tripkey)
);
