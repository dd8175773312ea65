-- Open carts, newest first: of an old store few of all (CA-3).
create index carts_open on carts (realm_id, created_at desc, id desc) where status = 'open';
