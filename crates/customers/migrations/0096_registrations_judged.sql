-- Whether registrations are judged as accounts are (AD-3): nothing is done, the account is tagged, or it is not made.
alter table account_rules add column registrations text not null default 'off'
    constraint account_rules_registrations_check check (registrations in ('off', 'flag', 'refuse'));
alter table account_rules add column registration_score integer not null default 80;
