//! Enrolling an authenticator: begun with a secret, done with the first code of it.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::StaffId,
    secret::{self, Secrets},
};

use super::{Totp, recovery, store};
use crate::{
    Error,
    sign_in::{self, challenge::Purpose, store::Entry},
};

/// A fresh secret for the one who signs in with `challenge` and has no factor yet; it replaces one begun before.
pub async fn begin_with_challenge(
    tx: &mut Tx,
    challenge: &str,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<(StaffId, Totp), Error> {
    let challenge = sign_in::store::find(tx, challenge, now).await?.ok_or(Error::BadChallenge)?;
    // Whoever has a factor answers with it: a password alone does not replace it.
    if store::find(tx, challenge.staff_id).await?.is_some() {
        return Err(Error::BadChallenge);
    }
    let totp = Totp::fresh();
    sign_in::store::set_secret(tx, challenge.id, &totp.seal(challenge.staff_id, secrets)).await?;
    Ok((challenge.staff_id, totp))
}

/// A fresh secret for `staff` who is signed in, and the challenge to confirm it with.
pub async fn begin(
    tx: &mut Tx,
    staff: StaffId,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<(String, Totp), Error> {
    let (token, totp) = (secret::token("challenge"), Totp::fresh());
    let sealed = totp.seal(staff, secrets);
    let entry = Entry { staff, purpose: Purpose::Enrol, token: &token, secret: Some(&sealed), now };
    sign_in::store::insert(tx, &entry).await?;
    Ok((token, totp))
}

/// An authenticator whose first code was right.
pub struct Enrol<'a> {
    /// Whose.
    pub staff: StaffId,
    /// Its secret.
    pub totp: &'a Totp,
    /// The step its first code belongs to.
    pub step: i64,
    /// Whether it may take the place of another.
    pub replaces: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Enrols an authenticator with fresh recovery codes, which are answered.
pub async fn enrol(tx: &mut Tx, input: Enrol<'_>, secrets: &Secrets) -> Result<Vec<String>, Error> {
    let Enrol { staff, totp, step, replaces, now } = input;
    if !replaces && store::find(tx, staff).await?.is_some() {
        return Err(Error::BadChallenge);
    }
    store::replace(tx, staff, (&totp.seal(staff, secrets), step), now).await?;
    renew(tx, staff, now).await
}

/// Fresh recovery codes in the place of all before.
pub async fn renew(tx: &mut Tx, staff: StaffId, now: DateTime<Utc>) -> Result<Vec<String>, Error> {
    let codes = recovery::fresh();
    let hashes: Vec<_> = codes.iter().filter_map(|code| recovery::hash(code)).collect();
    store::renew_recovery_codes(tx, staff, &hashes, now).await?;
    Ok(codes)
}
