//! Checkpoints: signed statements of a chain's length and hash, so that a chain that was written anew is seen, however
//! well its hashes fit.
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use kit::{
    Db,
    clock::Clock,
    ids::RealmId,
    secret::Secrets,
    signature::{Signatory, Signed},
};
use tokio_util::sync::CancellationToken;

use super::{chain::Place, store, verify::verify};
use crate::Error;

/// Purpose that the signing key is derived for.
pub const PURPOSE: &str = "audit-checkpoint";
/// How often chains that have grown are signed.
const PAUSE: Duration = Duration::from_mins(1);

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Checkpoint {
    /// Whose chain.
    pub realm_id: RealmId,
    /// Number of the last entry.
    pub number: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// When.
    pub at: DateTime<Utc>,
    /// Name of the key.
    pub key: String,
    /// Ed25519 signature of [`Checkpoint::statement`].
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// The statement that the chain of `realm` ends at `place`, signed.
    #[must_use]
    pub fn sign(signatory: &Signatory, realm: RealmId, place: Place, at: DateTime<Utc>) -> Self {
        let unsigned = Self {
            realm_id: realm,
            number: place.number,
            hash: place.hash.to_vec(),
            at,
            key: String::new(),
            signature: Vec::new(),
        };
        let Signed { key, signature } = signatory.sign(&unsigned.statement());
        Self { key, signature, ..unsigned }
    }

    /// The text that is signed.
    #[must_use]
    pub fn statement(&self) -> String {
        let (hash, at) = (hex::encode(&self.hash), self.at.to_rfc3339_opts(SecondsFormat::Secs, true));
        format!("patron audit {} {} {hash} {at}", self.realm_id, self.number)
    }

    /// Whether the signature is good; `None` when nobody knows the key (any more).
    #[must_use]
    pub fn is_signed(&self, signatory: &Signatory) -> Option<bool> {
        let signed = Signed { key: self.key.clone(), signature: self.signature.clone() };
        signatory.verify(&self.statement(), &signed)
    }

    /// The place it is of.
    pub fn place(&self) -> Result<Place, Error> {
        Ok(Place { number: self.number, hash: store::hash(self.hash.clone())? })
    }
}

/// The newest checkpoint of a chain that was signed by a good key.
pub async fn newest(db: &Db, realm: RealmId, signatory: &Signatory) -> Result<Option<Checkpoint>, Error> {
    let checkpoints = store::newest_checkpoints(db.pool(), realm, &signatory.keys()).await?;
    Ok(checkpoints.into_iter().find(|checkpoint| checkpoint.is_signed(signatory) == Some(true)))
}

/// Signs chains until `stop`.
pub async fn run(db: Db, secrets: Secrets, clock: Clock, stop: CancellationToken) {
    let signatory = Signatory::new(&secrets, PURPOSE);
    metrics::counter!("audit_breaches_total").increment(0);
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = sign_all(&db, &signatory, clock.now()).await {
            tracing::warn!(error.detail = ?error, "the audit could not be signed");
        }
    }
}

/// Signs the end of every chain that has grown, or that today's key has not signed yet; a chain is followed from its last
/// checkpoint before, and one that is broken is not signed. Answers how many were.
pub async fn sign_all(db: &Db, signatory: &Signatory, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut signed = 0;
    for realm in store::unsigned(db.pool(), &signatory.key()).await? {
        let from = newest(db, realm, signatory).await?.map_or(Ok(Place::START), |checkpoint| checkpoint.place())?;
        let verdict = verify(db, (realm, signatory), from, None).await?;
        if let Some(breach) = verdict.breach {
            metrics::counter!("audit_breaches_total").increment(1);
            tracing::error!(audit.realm = %realm, audit.number = breach.number, problem = breach.problem.slug(),
                "the audit is broken");
            continue;
        }
        let checkpoint = Checkpoint::sign(signatory, realm, verdict.reached, now);
        store::insert_checkpoint(db.pool(), &checkpoint).await?;
        // The log is elsewhere than the database: a statement that was seen there cannot be taken back here.
        tracing::info!(statement = checkpoint.statement(), "the audit was signed");
        signed += 1;
    }
    Ok(signed)
}
