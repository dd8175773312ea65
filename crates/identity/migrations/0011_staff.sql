-- Whether staff of a store or network need a second factor (ID-20), and which change of the place was seen.

alter table stores add column factor_required boolean not null default true;
alter table stores add column version bigint not null default 1;
alter table networks add column factor_required boolean not null default true;
alter table networks add column version bigint not null default 1;

-- Roles made of permissions (ID-21). They belong to a store, or to a network and so to all its stores.

create table roles (
    id          uuid not null,
    store_id    uuid,
    network_id  uuid,
    name        text not null,
    permissions text[] not null,
    version     bigint not null,
    created_at  timestamptz not null,
    constraint roles_pkey primary key (id),
    constraint roles_name_key unique nulls not distinct (store_id, network_id, name),
    constraint roles_place_check check (num_nonnulls(store_id, network_id) = 1),
    constraint roles_store_id_fkey foreign key (store_id) references stores (id),
    constraint roles_network_id_fkey foreign key (network_id) references networks (id)
);

alter table memberships add column role_id uuid;
alter table memberships add constraint memberships_role_id_fkey foreign key (role_id) references roles (id);
alter table memberships drop constraint memberships_role_check;
alter table memberships add constraint memberships_role_check check (
    role in ('owner', 'administrator', 'customer_service', 'sales_agent', 'moderator', 'custom')
    and (role = 'custom') = (role_id is not null));
create index memberships_store on memberships (store_id, created_at) where store_id is not null;
create index memberships_network on memberships (network_id, created_at) where network_id is not null;
create index memberships_role_id on memberships (role_id) where role_id is not null;

-- A challenge may carry a TOTP secret that is being enrolled: by somebody who signs in without one and needs it, or by
-- somebody who is signed in and wants another.

alter table challenges add column purpose text not null default 'sign_in';
alter table challenges add constraint challenges_purpose_check check (purpose in ('sign_in', 'enrol'));
alter table challenges add column secret bytea;

-- Codes for when the authenticator is lost: 80 random bits each, stored hashed, good for one use.

create table recovery_codes (
    staff_id   uuid not null,
    code_hash  bytea not null,
    created_at timestamptz not null,
    used_at    timestamptz,
    constraint recovery_codes_pkey primary key (staff_id, code_hash),
    constraint recovery_codes_staff_id_fkey foreign key (staff_id) references staff (id)
);

-- Invitations to work for a store or network. Only hashes of their tokens are kept.

create table invitations (
    id              uuid not null,
    store_id        uuid,
    network_id      uuid,
    email           text not null,
    email_canonical text not null,
    role            text not null,
    role_id         uuid,
    token_hash      bytea not null,
    -- `stf_…`, or the name of a service.
    invited_by      text not null,
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    constraint invitations_pkey primary key (id),
    constraint invitations_token_hash_key unique (token_hash),
    constraint invitations_email_key unique nulls not distinct (store_id, network_id, email_canonical),
    constraint invitations_place_check check (num_nonnulls(store_id, network_id) = 1),
    constraint invitations_role_check check (
        role in ('owner', 'administrator', 'customer_service', 'sales_agent', 'moderator', 'custom')
        and (role = 'custom') = (role_id is not null)),
    constraint invitations_role_id_fkey foreign key (role_id) references roles (id) on delete cascade,
    constraint invitations_store_id_fkey foreign key (store_id) references stores (id),
    constraint invitations_network_id_fkey foreign key (network_id) references networks (id)
);
create index invitations_network on invitations (network_id) where network_id is not null;
create index invitations_role_id on invitations (role_id) where role_id is not null;
create index invitations_expires_at on invitations (expires_at);
