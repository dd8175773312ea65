-- What records are compared by, apart from them: it is brought up to date beside all requests, and an order changes none.
create table customer_likeness (
    realm_id    uuid not null,
    customer_id uuid not null,
    phone       text not null,
    -- Name and postal code, in small letters; empty unless both are known.
    home        text not null,
    -- Letters and digits of the e-mail address before its @ and any +, and how they begin: only those are compared that
    -- begin alike.
    mail        text not null,
    mail_start  text not null,
    constraint customer_likeness_pkey primary key (realm_id, customer_id),
    constraint customer_likeness_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index customer_likeness_phone on customer_likeness (realm_id, phone) where phone <> '';
create index customer_likeness_home on customer_likeness (realm_id, home) where home <> '';
create index customer_likeness_mail on customer_likeness (realm_id, mail_start) where mail_start <> '';

-- Pairs of records that are likely to be of the same person (CU-14), the older one first.
create table duplicates (
    realm_id uuid not null,
    one_id   uuid not null,
    other_id uuid not null,
    reasons  text[] not null,
    found_at timestamptz not null,
    constraint duplicates_pkey primary key (realm_id, one_id, other_id),
    constraint duplicates_order_check check (one_id < other_id),
    constraint duplicates_one_fkey foreign key (realm_id, one_id) references customers (realm_id, id) on delete cascade,
    constraint duplicates_other_fkey foreign key (realm_id, other_id) references customers (realm_id, id) on delete cascade
);
create index duplicates_newest on duplicates (realm_id, found_at desc, one_id desc, other_id desc);
create index duplicates_other on duplicates (realm_id, other_id);

-- How far each customer base was looked through: records that changed later are still to be compared.
create table duplicate_searches (
    realm_id   uuid not null,
    changed_at timestamptz not null,
    customer_id uuid not null,
    constraint duplicate_searches_pkey primary key (realm_id)
);
