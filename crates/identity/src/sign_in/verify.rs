//! The second step: a code of the second factor, a recovery code, or the first code of a factor that is being enrolled.
use chrono::{DateTime, Utc};
use kit::{Tx, call::Client, secret::Secrets};

use super::{
    challenge::{Challenge, Purpose},
    store,
};
use crate::{
    Error,
    attempt::{self, attempt::FACTOR},
    factor::{
        self, Totp,
        enrol::{Enrol, enrol},
        proof::{self, Proof},
    },
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
};

/// A challenge and the factor that answers it.
pub struct Asked {
    challenge: Challenge,
    totp: Totp,
    /// Whether the factor is there only once this is answered.
    is_new: bool,
}

/// Counts a try at a challenge, and at the factor over all challenges: whoever has the password can make as many of
/// those as they like. To be committed before the code is judged.
pub async fn try_challenge(tx: &mut Tx, token: &str, secrets: &Secrets, now: DateTime<Utc>) -> Result<Asked, Error> {
    let challenge = store::count_try(tx, Purpose::SignIn, token, now).await?.ok_or(Error::BadChallenge)?;
    let staff = challenge.staff_id;
    attempt::store::count(tx, &FACTOR, staff.uuid().as_bytes(), now).await?;
    let known = factor::store::find(tx, staff).await?;
    let is_new = known.is_none();
    let sealed = known.or_else(|| challenge.secret.clone()).ok_or(Error::BadChallenge)?;
    Ok(Asked { totp: Totp::open(&sealed, staff, secrets)?, challenge, is_new })
}

impl Asked {
    /// What `code` proves, before it is used up.
    pub fn judge(&self, code: &str, now: DateTime<Utc>) -> Result<Proof, Error> {
        let proof = proof::judge(&self.totp, code, now)?;
        if self.is_new && matches!(proof, Proof::Recovery(_)) { Err(Error::BadFactor) } else { Ok(proof) }
    }
}

/// A challenge that was answered rightly.
pub struct Answer<'a> {
    /// The challenge.
    pub asked: &'a Asked,
    /// The answer.
    pub proof: Proof,
    /// From where.
    pub client: &'a Client,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Uses challenge and code up, both once only, and opens the session; answers it with its token, and with recovery
/// codes when this enrolled the factor.
pub async fn verify_factor(
    tx: &mut Tx,
    answer: Answer<'_>,
    secrets: &Secrets,
) -> Result<(Session, String, Vec<String>), Error> {
    let Answer { asked, proof, client, now } = answer;
    let staff = asked.challenge.staff_id;
    if !store::consume(tx, asked.challenge.id, now).await? {
        return Err(Error::BadChallenge);
    }
    let codes = match proof {
        Proof::Step(step) if asked.is_new => {
            enrol(tx, Enrol { staff, totp: &asked.totp, step, replaces: false, now }, secrets).await?
        }
        proof => {
            proof::consume(tx, staff, &proof, now).await?;
            Vec::new()
        }
    };
    attempt::store::forget(tx, &FACTOR, staff.uuid().as_bytes()).await?;
    let methods = ["password", proof.method()];
    let open = OpenSession { subject: Subject::Staff(staff), methods: &methods, client, now };
    let (session, token) = open_session(tx, open).await?;
    Ok((session, token, codes))
}
