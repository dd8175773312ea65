//! What a code of a second factor proves, and that it does so once.
use chrono::{DateTime, Utc};
use kit::{Tx, ids::StaffId};

use super::{Totp, recovery, store};
use crate::Error;

/// A code that is right as far as one can tell before it is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A code of the authenticator, and the step it belongs to.
    Step(i64),
    /// The hash of something that looks like a recovery code.
    Recovery([u8; 32]),
}

impl Proof {
    /// As sessions write it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Step(_) => "otp",
            Self::Recovery(_) => "recovery",
        }
    }
}

/// Reads `code`: a recovery code by its form, else one of the authenticator.
pub fn judge(totp: &Totp, code: &str, now: DateTime<Utc>) -> Result<Proof, Error> {
    match recovery::hash(code) {
        Some(hash) => Ok(Proof::Recovery(hash)),
        None => totp.step(code, now).map(Proof::Step).ok_or(Error::BadFactor),
    }
}

/// Uses a code up; an error when it is no code of theirs, or was used.
pub async fn consume(tx: &mut Tx, staff: StaffId, proof: &Proof, now: DateTime<Utc>) -> Result<(), Error> {
    let good = match proof {
        Proof::Step(step) => store::use_step(tx, staff, *step).await?,
        Proof::Recovery(hash) => store::use_recovery_code(tx, staff, hash, now).await?,
    };
    if good { Ok(()) } else { Err(Error::BadFactor) }
}
