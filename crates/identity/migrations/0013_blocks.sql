-- Who is kept out of a customer base (ID-26). E-mail addresses are kept as keyed hashes.

create table blocks (
    id         uuid not null,
    realm_id   uuid not null,
    kind       text not null,
    network    cidr,
    email_hash bytea,
    domain     text,
    -- What staff see of it: an e-mail address is masked.
    shown      text not null,
    reason     text not null,
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    constraint blocks_pkey primary key (realm_id, id),
    constraint blocks_value_key unique nulls not distinct (realm_id, kind, network, email_hash, domain),
    constraint blocks_kind_check check (
        (kind = 'ip') = (network is not null) and (kind = 'email') = (email_hash is not null)
        and (kind = 'domain') = (domain is not null) and kind in ('ip', 'email', 'domain'))
);
create index blocks_created_at on blocks (realm_id, created_at desc, id desc);
create index blocks_expires_at on blocks (expires_at) where expires_at is not null;
