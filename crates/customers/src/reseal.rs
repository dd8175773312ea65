//! Customers' keys are sealed anew after a change of the secret, so that the former one can go (PL-7).
use kit::{
    ids::{CustomerId, RealmId},
    secret::Secrets,
};
use sqlx::{PgConnection, types::Uuid};

use crate::{Error, key::keys::PURPOSE};

/// How many keys are looked at together.
const BATCH: i64 = 1_000;

/// What became of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many were sealed anew.
    pub anew: u64,
    /// How many are sealed with the first secret already.
    pub already: u64,
    /// How many no secret that is listed opens.
    pub lost: u64,
}

/// Seals with the first of `secrets` what another one of them opens. Safe while the service runs, and as often as one
/// likes.
pub async fn reseal(connection: &mut PgConnection, secrets: &Secrets) -> Result<Resealed, Error> {
    let (mut outcome, newest) = (Resealed::default(), secrets.newest());
    let mut last = (RealmId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::nil()));
    loop {
        let rows = after(connection, last).await?;
        let Some((realm, customer, _)) = rows.last() else { return Ok(outcome) };
        last = (*realm, *customer);
        for (realm, customer, sealed) in rows {
            let context = customer.uuid();
            if newest.open(PURPOSE, context.as_bytes(), &sealed).is_ok() {
                outcome.already += 1;
            } else if let Ok(plain) = secrets.open(PURPOSE, context.as_bytes(), &sealed) {
                let fresh = newest.seal(PURPOSE, context.as_bytes(), &plain);
                outcome.anew += replace(connection, (realm, customer), (sealed, fresh)).await?;
            } else {
                outcome.lost += 1;
            }
        }
    }
}

async fn after(
    connection: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
) -> Result<Vec<(RealmId, CustomerId, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query_as(
        "select realm_id, customer_id, key from customer_keys
         where (realm_id, customer_id) > ($1, $2) and key is not null order by realm_id, customer_id limit $3",
    );
    rows.bind(realm).bind(customer).bind(BATCH).fetch_all(connection).await
}

async fn replace(
    connection: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    (sealed, fresh): (Vec<u8>, Vec<u8>),
) -> Result<u64, sqlx::Error> {
    let replace = "update customer_keys set key = $4 where realm_id = $1 and customer_id = $2 and key = $3";
    let replace = sqlx::query(replace).bind(realm).bind(customer).bind(sealed).bind(fresh);
    Ok(replace.execute(connection).await?.rows_affected())
}
