-- What happened around a customer, across services (CU-18). Orders, payments and consents are told by their own tables.
create table timeline (
    realm_id    uuid not null,
    customer_id uuid not null,
    at          timestamptz not null,
    -- A slug such as "customer.tagged".
    kind        text collate "C" not null,
    -- What it was done to, an id; how, where it was a sign-in.
    subject     text collate "C" not null,
    -- Where, when it is known.
    store_id    uuid,
    actor_kind  text not null,
    actor       text not null,
    -- Who really acted, `kind id`, when it was in the customer's name.
    impersonator text not null default '',
    -- What came of it, a slug such as "declined".
    state       text not null default '',
    -- What makes it one and the same, however often and in whatever order it is heard of; also the order of the list.
    constraint timeline_pkey primary key (realm_id, customer_id, at, kind, subject),
    constraint timeline_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);

-- What is known already from before there was a timeline.
insert into timeline (realm_id, customer_id, at, kind, subject, actor_kind, actor)
select realm_id, customer_id, created_at, 'note.added', 'note_' || replace(id::text, '-', ''),
    case when author like 'stf\_%' then 'staff' when author like 'akey\_%' then 'api_key' else 'system' end, author
from customer_notes;
insert into timeline (realm_id, customer_id, at, kind, subject, actor_kind, actor)
select realm_id, id, registered_at, 'customer.registered', 'cus_' || replace(id::text, '-', ''), 'customer',
    'cus_' || replace(id::text, '-', '')
from customers where registered_at is not null;
