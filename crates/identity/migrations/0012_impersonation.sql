-- A session in a customer's name (ID-25): who really acts, and why. It ends with the session of theirs that it was opened
-- from, after a quarter of an hour at the latest.

alter table sessions add column act_staff_id uuid;
alter table sessions add column act_session_id uuid;
alter table sessions add column act_reason text;
alter table sessions add column act_ticket text;
alter table sessions drop constraint sessions_ends_at_check;
alter table sessions add constraint sessions_ends_at_check
    check ((kind = 'staff' or act_staff_id is not null) = (ends_at is not null));
alter table sessions add constraint sessions_act_check check (
    (act_staff_id is null) = (act_session_id is null) and (act_staff_id is null) = (act_reason is null)
    and (act_staff_id is null or kind = 'customer'));
alter table sessions add constraint sessions_act_session_id_fkey
    foreign key (act_session_id) references sessions (id) on delete cascade;
create index sessions_act_session_id on sessions (act_session_id) where act_session_id is not null;
