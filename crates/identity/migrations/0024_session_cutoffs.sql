-- Customers whose doors were closed (ID-9): a session that was under way by then counts as little as those that were
-- ended. Kept for a day, which nobody takes to sign in.
create table session_cutoffs (
    realm_id    uuid not null,
    customer_id uuid not null,
    at          timestamptz not null,
    constraint session_cutoffs_pkey primary key (realm_id, customer_id)
);
