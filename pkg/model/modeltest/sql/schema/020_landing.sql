-- Model "fleet": the landing tables, loaded by COPY.
-- Rendered from package model; change the model and run `make generate`.

-- Items of type "vehicle", in the columns of their Parquet files.
create table if not exists landing.vehicle (
    pk varchar(21) not null,
    plate varchar(20),
    maker varchar(100),
    batterykwh decimal(6,1),
    electric boolean
);

-- Items of type "trip", in the columns of their Parquet files.
create table if not exists landing.trip (
    pk varchar(21) not null,
    sk varchar(45) not null,
    startedat timestamp not null,
    metres bigint not null,
    kwh decimal(10,3)
);
