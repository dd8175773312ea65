//! Queues what happened for the webhooks that ask for it.
use chrono::{DateTime, Utc};
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{CustomerId, HookDeliveryId, HookEventId, RealmId, StoreId, WebhookId},
    inbox::Event,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::hook_event::{Told, body, kind};

/// What is told, ready to be queued.
struct Telling {
    id: HookEventId,
    realm: RealmId,
    store: Option<StoreId>,
    stores: Vec<StoreId>,
    customer: Option<CustomerId>,
    name: &'static str,
    told: Told,
}

/// A webhook that asks for an event.
#[derive(sqlx::FromRow)]
struct Listener {
    event_id: Uuid,
    webhook_id: WebhookId,
    unproved: Option<Uuid>,
}

/// Queues `events` for every webhook that is to hear of them, each once however often it comes; answers how many
/// deliveries there are. A batch asks once; where nobody listens nothing is written.
pub async fn fan_out(tx: &mut Tx, events: &[&Event], clock: &Clock) -> Result<usize, Error> {
    let mut tellings = Vec::new();
    for event in events {
        if let Some((kind, told)) = kind(event)? {
            tellings.push(Telling::new(HookEventId::from_uuid(event.id), kind.name, told)?);
        }
    }
    if tellings.is_empty() {
        return Ok(0);
    }
    let listeners = listeners(tx, &tellings).await?;
    if listeners.is_empty() {
        return Ok(0);
    }
    let now = clock.now();
    keep(tx, &tellings, &listeners, now).await?;
    queue(tx, &tellings, &listeners, clock).await?;
    Ok(listeners.len())
}

impl Telling {
    fn new(id: HookEventId, name: &'static str, told: Told) -> Result<Self, Error> {
        let unreadable = |what: &str| Error::Internal(format!("{name} names no {what}"));
        Ok(Self {
            id,
            realm: told.realm.parse().map_err(|_| unreadable("realm"))?,
            store: told.store.parse().ok(),
            stores: told.stores.iter().filter_map(|store| store.parse().ok()).collect(),
            customer: told.customer.parse().ok(),
            name,
            told,
        })
    }
}

/// Who is to hear of what: the place that is the whole realm, the store it happened in, those it names; and, where they
/// have to know the customer first, the stores of the network.
async fn listeners(db: &mut PgConnection, tellings: &[Telling]) -> Result<Vec<Listener>, Error> {
    let further = tellings.iter().flat_map(|one| one.stores.iter().map(|store| (one.id.uuid(), store.uuid())));
    let (events, stores): (Vec<Uuid>, Vec<Uuid>) = further.unzip();
    let found = sqlx::query_as(
        "with told as (select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
                       as t (id, realm_id, store_id, customer_id, name)),
              places as (select id, name, realm_id as place_id from told
                         union select id, name, store_id from told where store_id is not null
                         union select t.id, t.name, f.store_id from told t
                               join unnest($6::uuid[], $7::uuid[]) as f (event_id, store_id) on f.event_id = t.id)
         select p.id as event_id, w.id as webhook_id, null::uuid as unproved
         from places p join webhooks w on w.place_id = p.place_id
         where w.disabled_reason is null and w.deleted_at is null and (w.events = '{}' or p.name = any(w.events))
         union all
         select t.id, w.id, t.customer_id
         from told t join webhooks w on w.realm_id = t.realm_id and w.place_id <> t.realm_id
         where t.customer_id is not null
           and w.disabled_reason is null and w.deleted_at is null and (w.events = '{}' or t.name = any(w.events))",
    );
    let found = found.bind(tellings.iter().map(|one| one.id.uuid()).collect::<Vec<_>>());
    let found = found.bind(tellings.iter().map(|one| one.realm.uuid()).collect::<Vec<_>>());
    let found = found.bind(tellings.iter().map(|one| one.store.map(StoreId::uuid)).collect::<Vec<_>>());
    let found = found.bind(tellings.iter().map(|one| one.customer.map(CustomerId::uuid)).collect::<Vec<_>>());
    let found = found.bind(tellings.iter().map(|one| one.name).collect::<Vec<_>>());
    Ok(found.bind(events).bind(stores).fetch_all(db).await?)
}

/// Keeps the events that somebody listens to.
async fn keep(
    db: &mut PgConnection,
    tellings: &[Telling],
    listeners: &[Listener],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let heard = |one: &&Telling| listeners.iter().any(|listener| listener.event_id == one.id.uuid());
    let heard: Vec<&Telling> = tellings.iter().filter(heard).collect();
    sqlx::query(
        "insert into hook_events (id, realm_id, name, body, created_at)
         select *, $5 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
         on conflict on constraint hook_events_pkey do nothing",
    )
    .bind(heard.iter().map(|one| one.id.uuid()).collect::<Vec<_>>())
    .bind(heard.iter().map(|one| one.realm.uuid()).collect::<Vec<_>>())
    .bind(heard.iter().map(|one| one.name).collect::<Vec<_>>())
    .bind(heard.iter().map(|one| body(one.id, one.name, &one.told, now)).collect::<Vec<_>>())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

async fn queue(
    db: &mut PgConnection,
    tellings: &[Telling],
    listeners: &[Listener],
    clock: &Clock,
) -> Result<(), Error> {
    let now = clock.now();
    let name = |listener: &Listener| {
        tellings.iter().find(|one| one.id.uuid() == listener.event_id).map_or("", |telling| telling.name)
    };
    sqlx::query(
        "insert into hook_deliveries (webhook_id, id, event_id, name, unproved, state, next_attempt_at, created_at)
         select *, 'pending', coalesce($6, statement_timestamp()), $7
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[])
         on conflict on constraint hook_deliveries_once do nothing",
    )
    .bind(listeners.iter().map(|one| one.webhook_id.uuid()).collect::<Vec<_>>())
    .bind(listeners.iter().map(|_| HookDeliveryId::new(now).uuid()).collect::<Vec<_>>())
    .bind(listeners.iter().map(|one| one.event_id).collect::<Vec<_>>())
    .bind(listeners.iter().map(name).collect::<Vec<_>>())
    .bind(listeners.iter().map(|one| one.unproved).collect::<Vec<_>>())
    .bind(clock.shared())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
