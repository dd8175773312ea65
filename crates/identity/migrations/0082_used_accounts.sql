-- That somebody uses an account is known of its sessions as long as there are any; of those that are gone it is kept here,
-- once (AD-2). Whoever has signed in again since is known by that.
alter table customer_credentials add column used_at timestamptz;

-- Whoever holds the account at that moment signs in with it, moves it or drops it: nobody is waited for.
create function note_use(realm uuid, customer uuid, at timestamptz) returns void language sql as $$
    update customer_credentials set used_at = at
    where (realm_id, customer_id) in (
        select c.realm_id, c.customer_id from customer_credentials c
        where c.realm_id = realm and c.customer_id = customer and c.used_at is null
        for no key update skip locked)
$$;

create function note_use_of_session() returns trigger language plpgsql as $$
begin
    perform note_use(c.realm_id, c.customer_id, old.touched_at) from customer_credentials c
    where c.realm_id = old.realm_id and c.customer_id = old.subject_id and c.used_at is null
      and old.touched_at > c.registered_at + interval '1 day';
    return null;
end $$;
create trigger sessions_used after delete on sessions
    for each row when (old.kind = 'customer' and old.act_staff_id is null) execute function note_use_of_session();

create function note_use_of_portal() returns trigger language plpgsql as $$
declare
    -- A shopper is the first half of the hash of their address.
    hash bytea := decode(replace(old.shopper_id::text, '-', ''), 'hex');
begin
    perform note_use(s.realm_id, s.customer_id, old.touched_at) from shoppers s
    where s.email_hash between hash and hash || decode(repeat('ff', 16), 'hex');
    return null;
end $$;
create trigger portal_sessions_used after delete on portal_sessions
    for each row execute function note_use_of_portal();
