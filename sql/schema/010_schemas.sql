-- Model "store": the schemas, in the order in which rows pass them, and the
-- pipeline's own.
-- Generated; change the model and run `make generate`.

create schema if not exists changes;

create schema if not exists mirror;

create schema if not exists touched;

create schema if not exists staging;

create schema if not exists dwh;

create schema if not exists etl;
