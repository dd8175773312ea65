//! The second step: a code of the second factor.
use chrono::{DateTime, Utc};
use kit::{Tx, call::Client, secret::Secrets};

use super::{challenge::Challenge, store};
use crate::{
    Error,
    attempt::{self, attempt::FACTOR},
    factor::{self, Totp},
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// A challenge and the factor that answers it.
pub struct Asked {
    challenge: Challenge,
    totp: Totp,
}

/// Counts a try at a challenge, and at the factor over all challenges: whoever has the password can make as many of
/// those as they like. To be committed before the code is judged.
pub async fn try_challenge(tx: &mut Tx, token: &str, secrets: &Secrets, now: DateTime<Utc>) -> Result<Asked, Error> {
    let challenge = store::count_try(tx, token, now).await?.ok_or(Error::BadChallenge)?;
    attempt::store::count(tx, &FACTOR, challenge.staff_id.uuid().as_bytes(), now).await?;
    let sealed = factor::store::find(tx, challenge.staff_id).await?.ok_or(Error::BadChallenge)?;
    Ok(Asked { challenge, totp: Totp::open(&sealed, challenge.staff_id, secrets)? })
}

impl Asked {
    /// The TOTP step that `code` belongs to.
    pub fn judge(&self, code: &str, now: DateTime<Utc>) -> Result<i64, Error> {
        self.totp.step(code, now).ok_or(Error::BadFactor)
    }
}

/// Uses challenge and code up, both once only, and opens the session.
pub async fn verify_factor(
    tx: &mut Tx,
    asked: &Asked,
    step: i64,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(Session, String), Error> {
    let staff = asked.challenge.staff_id;
    if !store::consume(tx, asked.challenge.id, now).await? {
        return Err(Error::BadChallenge);
    }
    if !factor::store::use_step(tx, staff, step).await? {
        return Err(Error::BadFactor);
    }
    attempt::store::forget(tx, &FACTOR, staff.uuid().as_bytes()).await?;
    open_session(tx, OpenSession { subject: Subject::Staff(staff), methods: &["password", "otp"], client, now }).await
}
