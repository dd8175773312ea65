-- How much somebody has handed in within a day.
create index ticket_uploads_uploader on ticket_uploads (realm_id, uploaded_by, created_at) include (size);
