//! What signs webhooks is sealed anew after a change of the secret, so that the former one can go (PL-7).
use kit::secret::Secrets;
use sqlx::PgConnection;

use crate::{error::Error, webhook::secret::PURPOSE};

/// What became of the secrets of webhooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many were sealed anew.
    pub anew: u64,
    /// How many are sealed with the first secret already.
    pub already: u64,
    /// How many no secret that is listed opens.
    pub lost: u64,
}

const COLUMNS: [(&str, &str); 2] = [
    (
        "select uuid_send(id), secret from webhooks where deleted_at is null",
        "update webhooks set secret = $3 where id = encode($1, 'hex')::uuid and secret = $2",
    ),
    (
        "select uuid_send(id), former_secret from webhooks where former_secret is not null",
        "update webhooks set former_secret = $3 where id = encode($1, 'hex')::uuid and former_secret = $2",
    ),
];

/// Seals with the first of `secrets` what another one of them opens. Safe while the service runs, and as often as one
/// likes.
pub async fn reseal(connection: &mut PgConnection, secrets: &Secrets) -> Result<Resealed, Error> {
    let (mut outcome, newest) = (Resealed::default(), secrets.newest());
    for (read, replace) in COLUMNS {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(read).fetch_all(&mut *connection).await?;
        for (context, sealed) in rows {
            if newest.open(PURPOSE, &context, &sealed).is_ok() {
                outcome.already += 1;
            } else if let Ok(plain) = secrets.open(PURPOSE, &context, &sealed) {
                let fresh = newest.seal(PURPOSE, &context, &plain);
                let replace = sqlx::query(replace).bind(&context).bind(sealed).bind(fresh);
                outcome.anew += replace.execute(&mut *connection).await?.rows_affected();
            } else {
                outcome.lost += 1;
            }
        }
    }
    Ok(outcome)
}
