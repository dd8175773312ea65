create index ticket_attachments_uploader on ticket_attachments (realm_id, uploaded_by, created_at) include (size);
