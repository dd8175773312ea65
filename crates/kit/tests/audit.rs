//! Entries of the audit leave with what they tell of.
use std::sync::Arc;

use base::{
    actor::{Actor, Kind},
    assertion::Claims,
};
use chrono::DateTime;
use http::HeaderMap;
use kit::{
    Call, Db, Error,
    audit::{self, Entry},
    inbox::Event,
    secret::Secrets,
};
use prost::Message;
use proto::{base::v1::Audited, orders::v1::OrderPlaced};
use sqlx::migrate::Migrator;
use testing::{database, rig::SECRET};
use uuid::Uuid;

static TABLES: Migrator = sqlx::migrate!("tests/migrations");

async fn db() -> anyhow::Result<Db> {
    let url = database::fresh(&[("orders", &TABLES)]).await?;
    Db::connect(&url, "orders", 3, &Secrets::parse(SECRET)?)
}

fn call(kind: Kind) -> anyhow::Result<Call> {
    let actor = Actor::try_from(Claims::new(kind, "stf_1", DateTime::UNIX_EPOCH))?;
    let headers = [("client-ip", "203.0.113.7"), ("x-request-id", "req_1")];
    let headers = headers.into_iter().map(|(name, value)| Ok((name.parse()?, value.parse()?)));
    let headers = headers.collect::<anyhow::Result<HeaderMap>>()?;
    Ok(Call::read(&headers, Some(Arc::new(actor)), "", None))
}

fn entry() -> Entry {
    Entry::new("order.cancelled", ("order", "ord_1"), DateTime::UNIX_EPOCH)
}

async fn published(db: &Db) -> Result<Vec<(String, Vec<u8>)>, Error> {
    Ok(sqlx::query_as("select subject, payload from outbox order by id").fetch_all(db.pool()).await?)
}

/// AD-1: an entry goes out under the service's name when the action is committed, and not when it is not.
#[tokio::test]
async fn an_entry_leaves_with_the_action() -> anyhow::Result<()> {
    let db = db().await?;
    let staff = call(Kind::Staff)?;
    let mut undone = db.begin(&staff).await?;
    audit::record(&mut undone, &staff, entry())?;
    undone.rollback().await?;
    assert!(published(&db).await?.is_empty());
    let mut tx = db.begin(&staff).await?;
    audit::record(&mut tx, &staff, entry())?;
    audit::record(&mut tx, &call(Kind::Customer)?, entry())?;
    audit::record_own(&mut tx, entry());
    tx.commit().await?;
    let rows = published(&db).await?;
    let told = rows.iter().map(|(subject, payload)| Ok((subject.as_str(), Audited::decode(payload.as_slice())?)));
    let told = told.collect::<anyhow::Result<Vec<_>>>()?;
    let actors: Vec<_> = told.iter().filter_map(|(_, told)| told.actor.as_ref().map(|a| a.id.as_str())).collect();
    assert_eq!(actors, ["stf_1", "orders"], "what customers do themselves is no administrative action");
    assert!(told.iter().all(|(subject, _)| *subject == "patron.orders.v1.Audited"));
    assert_eq!((told[0].1.ip.as_str(), told[0].1.request_id.as_str()), ("203.0.113.7", "req_1"));
    Ok(())
}

/// AD-1, ID-25: what a service does since somebody acted in a customer's name is recorded under that person.
#[tokio::test]
async fn what_comes_of_it_names_who_acted() -> anyhow::Result<()> {
    let db = db().await?;
    let work = async {
        let mut tx = db.begin_own().await?;
        audit::record_own(&mut tx, entry());
        tx.commit().await
    };
    Box::pin(kit::telemetry::for_acting(Some("staff stf_1 ses_1".to_owned()), work)).await?;
    let rows = published(&db).await?;
    let told = Audited::decode(rows[0].1.as_slice())?;
    let ids = [told.actor, told.impersonator].map(|person| person.unwrap_or_default().id);
    assert_eq!((ids[0].as_str(), ids[1].as_str(), told.session.as_str()), ("orders", "stf_1", "ses_1"));
    Ok(())
}

/// AD-1: whoever listens to a service reads its entries among its other events.
#[test]
fn entries_are_read_from_every_service() -> Result<(), Error> {
    let mut event = Event::new(Uuid::nil(), &Audited { action: "order.cancelled".to_owned(), ..Audited::default() });
    "patron.orders.v1.Audited".clone_into(&mut event.subject);
    assert_eq!(event.read::<Audited>()?.unwrap_or_default().action, "order.cancelled");
    assert_eq!(event.read::<OrderPlaced>()?, None);
    let other = Event::new(Uuid::nil(), &OrderPlaced::default());
    assert_eq!(other.read::<Audited>()?, None);
    Ok(())
}
