//! What gateways are asked with is sealed anew after a change of the secret, so that the former one can go (PL-7).
use kit::secret::Secrets;
use sqlx::PgConnection;

use super::store::{self, Kept};
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

/// Seals with the first of `secrets` what another one of them opens. Safe while the service runs, and as often as one
/// likes.
pub async fn reseal(connection: &mut PgConnection, secrets: &Secrets) -> Result<Resealed, Error> {
    let (mut outcome, newest) = (Resealed::default(), secrets.newest());
    for kept in Kept::ALL {
        let purpose = kept.purpose();
        for (place, sealed) in store::sealed(connection, kept).await? {
            let context = place.uuid().as_bytes().to_vec();
            if newest.open(purpose, &context, &sealed).is_ok() {
                outcome.already += 1;
            } else if let Ok(plain) = secrets.open(purpose, &context, &sealed) {
                let fresh = newest.seal(purpose, &context, &plain);
                outcome.anew += store::replace(connection, (kept, place), (&sealed, &fresh)).await?;
            } else {
                outcome.lost += 1;
            }
        }
    }
    Ok(outcome)
}
