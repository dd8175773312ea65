-- Keys take turns: the next one is published before it signs, and the one before until nothing it signed is good.
alter table signing_keys add column active_at timestamptz;
update signing_keys set active_at = created_at;
alter table signing_keys alter column active_at set not null;
