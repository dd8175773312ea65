-- How much of a rate was used (ID-27): one moment for each, at which all of it is free again.
create table rates (
    kind    text not null,
    -- Keyed hash of a network address, with or without whom a message goes to.
    key     bytea not null,
    full_at timestamptz not null,
    constraint rates_pkey primary key (kind, key)
);
create index rates_full_at on rates (full_at);
