-- Links name no customer base.
create unique index exports_id on exports (id);
create index exports_kept on exports (expires_at) where file <> '' or search <> '' or filter is not null;
