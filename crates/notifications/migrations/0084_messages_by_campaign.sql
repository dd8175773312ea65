-- How far a campaign is. Messages may be many: see the README on indexes that are made beforehand.
create index if not exists messages_by_campaign on messages (realm_id, campaign_id, status, failure)
    where campaign_id is not null;
