-- Keys of the hashes that people are looked up by, sealed: a new secret seals these anew and leaves the hashes.
create table lookup_keys (
    purpose text not null,
    key     bytea not null,
    constraint lookup_keys_pkey primary key (purpose)
);
