-- A session that a check-out link opened ends with the link at the latest (CA-6).
alter table sessions drop constraint sessions_ends_at_check;
alter table sessions add constraint sessions_ends_at_check check (
    (kind = 'staff' or act_staff_id is not null or 'checkout_link' = any (methods)) = (ends_at is not null));
