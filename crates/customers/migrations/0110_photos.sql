-- Photos of customers that were handed in (CU-4), sealed with the key of the customer whose they were then. A photo is there
-- as long as the record that it is of shows it: the record's address of a photo names it by its id.
create table customer_photos (
    realm_id    uuid not null,
    id          uuid not null,
    customer_id uuid not null,
    media_type  text not null,
    size        bigint not null,
    sealed_for  uuid not null,
    created_at  timestamptz not null,
    constraint customer_photos_pkey primary key (realm_id, id),
    constraint customer_photos_customer_fkey foreign key (realm_id, customer_id)
        references customers (realm_id, id) on delete cascade
);
-- Links name no customer base; ids are unique everywhere.
create unique index customer_photos_id_key on customer_photos (id);
create index customer_photos_customer on customer_photos (realm_id, customer_id);

-- However a row goes, its bytes follow.
create function loosen_photo() returns trigger language plpgsql as $$
begin
    insert into loose_files (place, due_at)
    values (format('photos/%s/%s', old.realm_id, old.id), '-infinity') on conflict (place) do nothing;
    return null;
end $$;
create trigger loosen after delete on customer_photos for each row execute function loosen_photo();

-- Whatever takes the place of a photo on the record, another photo, an address elsewhere, the other one of two records that
-- become one, or nothing: the photo goes.
create function drop_photos() returns trigger language plpgsql as $$
begin
    delete from customer_photos p where p.realm_id = new.realm_id and p.customer_id = new.id
      and position(replace(p.id::text, '-', '') in new.photo_url) = 0;
    return null;
end $$;
create trigger customers_photo_of_changed after update of photo_url on customers
    for each row when (old.photo_url is distinct from new.photo_url) execute function drop_photos();
