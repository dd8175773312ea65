-- Whose personal data somebody has read in which minute, so that it is recorded once however many services tell of it,
-- and without looking through all they read in that minute. Kept while such a thing may still be told.
create table audit_reads (
    realm_id        uuid not null,
    actor_id        text not null,
    impersonator_id text not null,
    -- Since 1970.
    minute          bigint not null,
    customer_id     uuid not null,
    constraint audit_reads_pkey primary key (realm_id, actor_id, impersonator_id, minute, customer_id)
);
create index audit_reads_minute on audit_reads (minute);
