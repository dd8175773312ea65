-- What is written in the order of time and asked for by time only needs no entry for each row: the ranges of its blocks
-- are enough, and a row costs nothing more when it is written or marked.
drop index outbox_stream_seq;
drop index outbox_published_at;
drop index inbox_applied_at;
drop index idempotency_keys_created_at;
create index outbox_stream_seq on outbox using brin (stream_seq) with (pages_per_range = 32, autosummarize = on);
create index outbox_published_at on outbox using brin (published_at) with (pages_per_range = 32, autosummarize = on);
create index inbox_applied_at on inbox using brin (applied_at) with (pages_per_range = 32, autosummarize = on);
create index idempotency_keys_created_at on idempotency_keys
    using brin (created_at) with (pages_per_range = 32, autosummarize = on);
