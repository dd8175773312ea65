//! Proving anew who one is, for dangerous actions (ID-20): with the second factor, or with the password where there is
//! none.
use chrono::{DateTime, Utc};
use kit::{Db, Tx, call::Client, ids::StaffId, secret::Secrets};
use proto::identity::v1::StepUpRequest;

use crate::{
    Error,
    attempt::{
        self, Limits, Tries,
        attempt::{FACTOR, PASSWORD},
    },
    factor::{
        self, Totp,
        proof::{self, Proof},
    },
    password::{Hasher, Password, hasher::Verdict},
    staff,
};

/// What was proven, before a code of it is used up.
#[derive(Debug)]
pub enum Proven {
    /// A second factor.
    Factor(Proof),
    /// The password of somebody without a second factor; and where its tries were counted.
    Password(Tries),
}

impl Proven {
    /// As sessions write it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Factor(proof) => proof.method(),
            Self::Password(_) => "password",
        }
    }
}

/// Counts a try, then judges what `staff` presents. A password proves nothing of somebody who has a second factor.
pub async fn prove(
    (db, hasher, secrets, limits): (&Db, &Hasher, &Secrets, &Limits),
    (staff, request): (StaffId, &StepUpRequest),
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Proven, Error> {
    let mut tx = db.begin_own().await?;
    if let Some(sealed) = factor::store::find(&mut tx, staff).await? {
        attempt::store::count(&mut tx, &FACTOR, staff.uuid().as_bytes(), now).await?;
        tx.commit().await?;
        let totp = Totp::open(&sealed, staff, secrets)?;
        return Ok(Proven::Factor(proof::judge(&totp, &request.code, now)?));
    }
    let hash = staff::store::password_hash(&mut tx, staff).await?;
    tx.commit().await?;
    let tries = limits.password(secrets, &["staff", &String::from(staff)], client);
    attempt::store::try_password(db.pool(), &tries, now).await?;
    match hasher.verify(hash.as_deref(), &Password::given(&request.password)).await {
        Ok(Verdict::Wrong) => Err(Error::BadCredentials),
        Ok(_) => Ok(Proven::Password(tries)),
        Err(error) => {
            attempt::store::take_back(db.pool(), &tries, now).await?;
            Err(error.into())
        }
    }
}

/// Uses up what was proven and forgets the tries.
pub async fn consume(tx: &mut Tx, staff: StaffId, proven: &Proven, now: DateTime<Utc>) -> Result<(), Error> {
    match proven {
        Proven::Factor(proof) => {
            proof::consume(tx, staff, proof, now).await?;
            attempt::store::forget(tx, &FACTOR, staff.uuid().as_bytes()).await
        }
        Proven::Password(tries) => attempt::store::forget(tx, &PASSWORD, &tries.account).await,
    }
}
