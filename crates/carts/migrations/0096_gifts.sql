-- A digital product may be for somebody else (OR-1): {"email", "canonical", "name", "message"}; what an erasure leaves of that is {}.
alter table cart_lines add column if not exists gift jsonb;
