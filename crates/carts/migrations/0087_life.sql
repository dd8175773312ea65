-- What becomes of carts that nobody touches (CA-2), and of those whose owner signed in (CA-9).
alter table carts
    -- When the sweeper looks at an open cart next, at the latest when something may be due; none of what an older version
    -- opened. It moves seldom, so that a change of a cart touches no index.
    add column look_at timestamptz,
    -- When it was left alone for half an hour; counts as long as nothing happened since.
    add column abandoned_at timestamptz,
    -- The message that reminds its owner, one for each cart, and when to try to send it; none when there is nothing to do.
    add column recovery_id uuid,
    add column recover_at timestamptz,
    -- The cart of the customer that took its lines.
    add column merged_into uuid;
