//! Whether the audit is as it was written.
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use kit::{failure::Violation, permission::Permission};
use proto::identity::v1::{self as pb, VerifyChainRequest};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::Params,
    router::Gateway,
    shape::{text, time},
};

/// The routes about verifying.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(verify_audit))
}

/// What verifying takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct Stretch {
    /// `next` of a former answer: goes on from there.
    #[param(format = "cursor")]
    after: Option<String>,
    /// Entries to look at, 1 to 100 000, which is also the number without it.
    #[param(example = 100_000, minimum = 1, maximum = 100_000)]
    limit: Option<u32>,
    /// Number and hash of an entry that were written down elsewhere, with a colon between: the chain must still have them.
    #[param(pattern = "^([1-9][0-9]{0,17}:[0-9a-f]{64})?$")]
    noted: Option<String>,
}

/// What the audit was found to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sound": true, "verified": 1042, "length": 1042, "next": null, "breach": null,
    "checkpoint": {
        "realm": "rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "number": 1042,
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "at": "2026-03-02T12:00:00Z",
        "key": "5d1c0a9b8e7f6a5b", "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "signature": "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "statement": "patron audit rlm_01939b7e5d3c7a2c9d2f1e0b7c6a5d40 1042 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 2026-03-02T12:00:00Z",
    },
}))]
pub struct Verdict {
    /// Whether everything up to `verified` is as it was written.
    pub sound: bool,
    /// Number of the entry up to which was looked.
    pub verified: i64,
    /// How many entries there are.
    pub length: i64,
    /// What to send as `after` to go on; absent at the end, and at a breach.
    pub next: Option<String>,
    /// The first entry that is not as it was written.
    pub breach: Option<Breach>,
    /// The newest signed statement. Keep it elsewhere, and send it as `noted` later on.
    pub checkpoint: Option<Checkpoint>,
}

/// The first place where the audit is broken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Breach {
    /// The place.
    pub number: i64,
    /// Entry that stands there, `aud_…`.
    pub entry: Option<String>,
    /// `altered`, `unlinked` (moved, inserted, or the one before is gone), `missing`, `truncated`, `inserted` (behind the
    /// end), `rewritten` (another hash than was signed or noted) or `forged` (its checkpoint is none of ours).
    pub problem: String,
}

/// A signed statement: at that moment the audit had this length and this hash.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checkpoint {
    /// Customer base, `rlm_…`.
    pub realm: String,
    /// Number of the last entry.
    pub number: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Name of the key.
    pub key: String,
    /// Ed25519 public key, in hexadecimal digits.
    pub public_key: String,
    /// Ed25519 signature of `statement`, in hexadecimal digits.
    pub signature: String,
    /// The text that is signed.
    pub statement: String,
}

impl From<pb::VerifyChainResponse> for Verdict {
    fn from(found: pb::VerifyChainResponse) -> Self {
        let breach = found.breach.map(|breach| Breach {
            number: breach.number,
            entry: text(breach.entry),
            problem: breach.problem,
        });
        Self {
            sound: found.sound,
            verified: found.verified,
            length: found.length,
            next: text(found.next),
            breach,
            checkpoint: found.checkpoint.map(Into::into),
        }
    }
}

impl From<pb::Checkpoint> for Checkpoint {
    fn from(checkpoint: pb::Checkpoint) -> Self {
        Self {
            realm: checkpoint.realm,
            number: checkpoint.number,
            hash: checkpoint.hash,
            at: time(checkpoint.at),
            key: checkpoint.key,
            public_key: checkpoint.public_key,
            signature: checkpoint.signature,
            statement: checkpoint.statement,
        }
    }
}

fn request(mut params: Params) -> Result<VerifyChainRequest, Problem> {
    let (after, noted, asked) = (params.text("after"), params.text("noted"), params.text("limit"));
    params.finish()?;
    let limit = match asked.as_str() {
        "" => 0,
        asked => asked
            .parse()
            .ok()
            .filter(|limit| (1..=100_000).contains(limit))
            .ok_or_else(|| Violation::new("/limit", "out_of_range", "limit must be 1 to 100000"))?,
    };
    let (number, hash) = match noted.as_str() {
        "" => (0, String::new()),
        noted => noted
            .split_once(':')
            .and_then(|(number, hash)| Some((number.parse().ok().filter(|number| *number > 0)?, hash.to_owned())))
            .ok_or_else(|| Violation::new("/noted", "malformed", "give a number and a hash with a colon between"))?,
    };
    Ok(VerifyChainRequest { after, number, hash, limit })
}

/// Verify the audit
///
/// Recomputes the chain of hashes, a stretch at a time, compares it with the signed checkpoints and with what was `noted`
/// elsewhere, and names the first entry that was altered, removed, inserted, moved or cut off.
#[utoipa::path(
    get, path = "/admin/v1/audit/verify", tag = "Audit", params(Stretch),
    responses((status = 200, body = Verdict)),
    extensions(("x-permission" = json!([Permission::AuditRead.slug()])))
)]
async fn verify_audit(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<Verdict>, Problem> {
    Ok(Answer::of(peers.audit().verify_chain(caller.ask(request(params)?)).await?))
}
