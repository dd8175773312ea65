//! What gateways are asked with is sealed anew after a change of the secret, so that the former one can go (PL-7).
use kit::secret::Secrets;
use sqlx::PgConnection;

use super::store::{KEY, WEBHOOK};
use crate::error::Error;

/// What became of the keys of gateways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many were sealed anew.
    pub anew: u64,
    /// How many are sealed with the first secret already.
    pub already: u64,
    /// How many no secret that is listed opens.
    pub lost: u64,
}

/// What it is sealed for, how to read it, and how to replace a value that is unchanged.
const COLUMNS: [(&str, &str, &str); 2] = [
    (
        KEY,
        "select uuid_send(store_id), secret_key from gateway_settings where secret_key is not null",
        "update gateway_settings set secret_key = $3 where store_id = encode($1, 'hex')::uuid and secret_key = $2",
    ),
    (
        WEBHOOK,
        "select uuid_send(store_id), webhook_secret from gateway_settings where webhook_secret is not null",
        "update gateway_settings set webhook_secret = $3
         where store_id = encode($1, 'hex')::uuid and webhook_secret = $2",
    ),
];

/// Seals with the first of `secrets` what another one of them opens. Safe while the service runs, and as often as one
/// likes.
pub async fn reseal(connection: &mut PgConnection, secrets: &Secrets) -> Result<Resealed, Error> {
    let (mut outcome, newest) = (Resealed::default(), secrets.newest());
    for (purpose, read, replace) in COLUMNS {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(read).fetch_all(&mut *connection).await?;
        for (context, sealed) in rows {
            if newest.open(purpose, &context, &sealed).is_ok() {
                outcome.already += 1;
            } else if let Ok(plain) = secrets.open(purpose, &context, &sealed) {
                let fresh = newest.seal(purpose, &context, &plain);
                let replace = sqlx::query(replace).bind(&context).bind(sealed).bind(fresh);
                outcome.anew += replace.execute(&mut *connection).await?.rows_affected();
            } else {
                outcome.lost += 1;
            }
        }
    }
    Ok(outcome)
}
