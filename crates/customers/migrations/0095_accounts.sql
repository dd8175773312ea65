-- Which accounts are used, unused or suspected to be spam (AD-2), and their clean-up (AD-3).
alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind ~ '^[a-z_]{1,40}$');
alter table bulk_changes drop constraint bulk_changes_action_check;
alter table bulk_changes add constraint bulk_changes_action_check
    check (action in ('tag', 'activate', 'inactivate', 'delete', 'audit', 'cleanup'));
-- Audits are carried out beside changes, one at a time in a customer base.
drop index bulk_changes_due;
create index bulk_changes_due on bulk_changes ((action = 'audit'), due_at) where due_at is not null;
create unique index bulk_changes_audit on bulk_changes (realm_id) where action = 'audit' and due_at is not null;

-- From where accounts were made: what tells many that were made by the same hand.
create table registrations (
    realm_id    uuid not null,
    customer_id uuid not null,
    -- The /24 or /64 of the network address; empty when it is not known.
    network     text not null,
    -- The e-mail address with a # for the digits that its local part ends in; empty when there are none.
    series      text not null,
    at          timestamptz not null,
    constraint registrations_pkey primary key (realm_id, customer_id),
    constraint registrations_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
create index registrations_network on registrations (realm_id, network, at) where network <> '';
create index registrations_series on registrations (realm_id, series, at) where series <> '';
-- Of those who are there already: addresses of version 6 are not read here, and count as unknown.
insert into registrations (realm_id, customer_id, network, series, at)
select realm_id, id,
       case when ip ~ '^[0-9]{1,3}(\.[0-9]{1,3}){3}$' then regexp_replace(ip, '[0-9]+$', '0/24') else '' end,
       case when email_canonical ~ '^[^@]{2,}[^0-9@][0-9]+@' then regexp_replace(email_canonical, '[0-9]+@', '#@') else '' end,
       registered_at
from customers where registration = 'registered' and registered_at is not null;

-- How accounts of a customer base are judged, and when; a base without a row has the usual rules.
create table account_rules (
    realm_id   uuid not null,
    schedule   text not null constraint account_rules_schedule_check check (schedule in ('off', 'weekly', 'monthly')),
    quiet_days integer not null,
    threshold  integer not null,
    -- When the next audit is due.
    next_at    timestamptz,
    version    bigint not null,
    constraint account_rules_pkey primary key (realm_id),
    constraint account_rules_next_check check ((next_at is null) = (schedule = 'off'))
);
create index account_rules_due on account_rules (next_at) where next_at is not null;

create table account_audits (
    realm_id   uuid not null,
    id         uuid not null,
    quiet_days integer not null,
    threshold  integer not null,
    -- The account that was looked at last.
    place      uuid not null default '00000000-0000-0000-0000-000000000000',
    accounts   bigint not null default 0,
    unused     bigint not null default 0,
    spam       bigint not null default 0,
    constraint account_audits_pkey primary key (realm_id, id),
    constraint account_audits_change_fkey foreign key (realm_id, id) references bulk_changes (realm_id, job_id)
        on delete cascade
);

-- What an audit found of accounts that are unused or suspected; of the others it only counts how many there are.
create table account_verdicts (
    realm_id    uuid not null,
    audit_id    uuid not null,
    customer_id uuid not null,
    kind        text not null constraint account_verdicts_kind_check check (kind in ('unused', 'spam')),
    score       integer not null,
    -- [{"code", "weight", "count"}]: what speaks for spam, naming nobody.
    reasons     jsonb not null,
    constraint account_verdicts_pkey primary key (realm_id, audit_id, customer_id),
    constraint account_verdicts_audit_fkey foreign key (realm_id, audit_id) references account_audits (realm_id, id)
        on delete cascade
);
create index account_verdicts_score on account_verdicts (realm_id, audit_id, score desc, customer_id desc);
create index account_verdicts_customer on account_verdicts (realm_id, customer_id);

create table account_cleanups (
    realm_id      uuid not null,
    job_id        uuid not null,
    audit_id      uuid not null,
    kind          text not null constraint account_cleanups_kind_check check (kind in ('unused', 'spam')),
    quiet_days    integer not null,
    threshold     integer not null,
    -- Whether what the accounts were made with is kept out, and for how many days; 0 for ever.
    block_emails  boolean not null,
    block_domains boolean not null,
    block_days    integer not null,
    constraint account_cleanups_pkey primary key (realm_id, job_id),
    constraint account_cleanups_change_fkey foreign key (realm_id, job_id) references bulk_changes (realm_id, job_id)
        on delete cascade
);

-- The report of a clean-up: what was found of each account and what became of it. It names nobody, and outlasts them.
create table account_cleanup_lines (
    realm_id    uuid not null,
    job_id      uuid not null,
    customer_id uuid not null,
    score       integer not null,
    reasons     jsonb not null,
    -- "deleted", or why it was kept; absent while nobody has tried.
    outcome     text,
    at          timestamptz,
    constraint account_cleanup_lines_pkey primary key (realm_id, job_id, customer_id),
    constraint account_cleanup_lines_cleanup_fkey foreign key (realm_id, job_id)
        references account_cleanups (realm_id, job_id) on delete cascade
);
