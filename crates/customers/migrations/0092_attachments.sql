-- Bytes that belong to nobody: what is being handed in until it is known to be whole, and what is to be removed. Whatever
-- becomes of a process, and of the storage, a place is here or in the row of a file.
create table loose_files (
    place  text collate "C" not null constraint loose_files_pkey primary key,
    due_at timestamptz not null
);
create index loose_files_due on loose_files (due_at);

-- Files of tickets (ST-2), sealed with the key of the customer whose the ticket was. Handed in and not yet named by
-- anything that was written:
create table ticket_uploads (
    realm_id    uuid not null,
    id          uuid not null,
    ticket_id   uuid not null,
    uploaded_by text not null,
    name        text not null,
    media_type  text not null,
    size        bigint not null,
    sealed_for  uuid not null,
    created_at  timestamptz not null,
    constraint ticket_uploads_pkey primary key (realm_id, id),
    constraint ticket_uploads_ticket_fkey foreign key (realm_id, ticket_id) references tickets (realm_id, id)
);
create index ticket_uploads_ticket on ticket_uploads (realm_id, ticket_id);
create index ticket_uploads_age on ticket_uploads (created_at);

-- With what customers and staff say to each other:
create table ticket_attachments (
    like ticket_uploads,
    comment_id uuid not null,
    constraint ticket_attachments_pkey primary key (realm_id, id),
    constraint ticket_attachments_comment_fkey foreign key (realm_id, comment_id) references ticket_comments (realm_id, id)
);
create index ticket_attachments_ticket on ticket_attachments (realm_id, ticket_id);
create index ticket_attachments_comment on ticket_attachments (realm_id, comment_id);

-- And with what staff note among themselves, which nothing reads that a customer asks for.
create table ticket_note_attachments (
    like ticket_uploads,
    comment_id uuid not null,
    constraint ticket_note_attachments_pkey primary key (realm_id, id),
    constraint ticket_note_attachments_comment_fkey foreign key (realm_id, comment_id) references ticket_notes (realm_id, id)
);
create index ticket_note_attachments_ticket on ticket_note_attachments (realm_id, ticket_id);
create index ticket_note_attachments_comment on ticket_note_attachments (realm_id, comment_id);

-- However a row goes, its bytes follow.
create function loosen_attachment() returns trigger language plpgsql as $$
begin
    insert into loose_files (place, due_at)
    values (format('attachments/%s/%s', old.realm_id, old.id), '-infinity') on conflict (place) do nothing;
    return null;
end $$;
create trigger loosen after delete on ticket_uploads for each row execute function loosen_attachment();
create trigger loosen after delete on ticket_attachments for each row execute function loosen_attachment();
create trigger loosen after delete on ticket_note_attachments for each row execute function loosen_attachment();
