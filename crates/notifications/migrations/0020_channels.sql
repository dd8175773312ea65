-- Channels whose last delivery failed for a reason that may pass, such as a provider that is away: what is urgent takes
-- another way meanwhile (ID-3).
create table channels (
    channel   text not null constraint channels_channel check (channel in ('email', 'sms', 'push')),
    failed_at timestamptz not null,
    constraint channels_pkey primary key (channel)
);
