//! All SQL of consents. Decisions are added and never changed.
use kit::ids::{CustomerId, RealmId, uuid};
use sqlx::{PgConnection, PgExecutor};

use super::Consent;
use crate::Error;

/// How much of the history is shown.
const SHOWN: i64 = 200;

/// Adds a decision.
pub async fn insert(
    db: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    consent: &Consent,
) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_consents (realm_id, id, customer_id, channel, granted, source, actor, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(realm)
    .bind(uuid(consent.at))
    .bind(customer)
    .bind(&consent.channel)
    .bind(consent.granted)
    .bind(&consent.source)
    .bind(&consent.actor)
    .bind(consent.at)
    .execute(db)
    .await?;
    Ok(())
}

/// The newest decisions of `customer`, newest first.
pub async fn history(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Vec<Consent>, Error> {
    let history = sqlx::query_as(
        "select channel, granted, source, actor, at from customer_consents
         where realm_id = $1 and customer_id = $2 order by id desc limit $3",
    );
    Ok(history.bind(realm).bind(customer).bind(SHOWN).fetch_all(db).await?)
}

/// The newest decision of `customer` for each channel.
pub async fn present(db: impl PgExecutor<'_>, realm: RealmId, customer: CustomerId) -> Result<Vec<Consent>, Error> {
    let present = sqlx::query_as(
        "select distinct on (channel) channel, granted, source, actor, at from customer_consents
         where realm_id = $1 and customer_id = $2 order by channel, id desc",
    );
    Ok(present.bind(realm).bind(customer).fetch_all(db).await?)
}
