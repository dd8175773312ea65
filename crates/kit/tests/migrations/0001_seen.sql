create table seen (
    product text primary key,
    times   integer not null
);
