//! What is sealed for long is sealed anew after a change of the secret, so that the former one can go (PL-7).
use kit::secret::Secrets;
use sqlx::PgConnection;

use crate::{Error, device, factor, lookup, shopper, signing};

/// A column of sealed values: how to read it with what it was sealed for, and how to replace a value that is unchanged.
struct Column {
    name: &'static str,
    purpose: &'static str,
    read: &'static str,
    replace: &'static str,
}

const COLUMNS: [Column; 5] = [
    Column {
        name: "addresses of portal sessions",
        purpose: shopper::session::PURPOSE,
        read: "select uuid_send(id), email from portal_sessions",
        replace: "update portal_sessions set email = $3 where id = encode($1, 'hex')::uuid and email = $2",
    },
    Column {
        name: "tokens of devices",
        purpose: device::device::PURPOSE,
        read: "select token_hash, token from devices",
        replace: "update devices set token = $3 where token_hash = $1 and token = $2",
    },
    Column {
        name: "second factors",
        purpose: factor::totp::PURPOSE,
        read: "select uuid_send(staff_id), secret from staff_factors where kind = 'totp'",
        replace: "update staff_factors set secret = $3 where staff_id = encode($1, 'hex')::uuid and secret = $2",
    },
    Column {
        name: "signing keys",
        purpose: signing::keyring::PURPOSE,
        read: "select uuid_send(id), seed from signing_keys where retired_at is null",
        replace: "update signing_keys set seed = $3 where id = encode($1, 'hex')::uuid and seed = $2",
    },
    Column {
        name: "look-up keys",
        purpose: lookup::PURPOSE,
        read: "select convert_to(purpose, 'UTF8'), key from lookup_keys",
        replace: "update lookup_keys set key = $3 where purpose = convert_from($1, 'UTF8') and key = $2",
    },
];

/// What became of the sealed values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// What they are.
    pub name: &'static str,
    /// How many were sealed anew.
    pub anew: u64,
    /// How many are sealed with the first secret already.
    pub already: u64,
    /// How many no secret that is listed opens.
    pub lost: u64,
}

/// Seals with the first of `secrets` what another one of them opens. Safe while the service runs, and as often as one
/// likes.
pub async fn reseal(connection: &mut PgConnection, secrets: &Secrets) -> Result<Vec<Resealed>, Error> {
    let mut outcomes = Vec::new();
    for column in &COLUMNS {
        outcomes.push(column.reseal(connection, secrets).await?);
    }
    Ok(outcomes)
}

impl Column {
    async fn reseal(&self, connection: &mut PgConnection, secrets: &Secrets) -> Result<Resealed, Error> {
        let mut outcome = Resealed { name: self.name, anew: 0, already: 0, lost: 0 };
        let (newest, purpose) = (secrets.newest(), self.purpose);
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(self.read).fetch_all(&mut *connection).await?;
        for (context, sealed) in rows {
            if newest.open(purpose, &context, &sealed).is_ok() {
                outcome.already += 1;
            } else if let Ok(plain) = secrets.open(purpose, &context, &sealed) {
                let replace = sqlx::query(self.replace).bind(&context).bind(sealed);
                let fresh = newest.seal(purpose, &context, &plain);
                outcome.anew += replace.bind(fresh).execute(&mut *connection).await?.rows_affected();
            } else {
                outcome.lost += 1;
            }
        }
        Ok(outcome)
    }
}
