//! `GET /console/audit/verify`: whether the audit is as it was written.
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Query, State};
use proto::identity::v1::{Breach, VerifyChainRequest, VerifyChainResponse};
use serde::Deserialize;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label, url},
    visit::SignedIn,
};

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerifyQuery {
    /// Cursor.
    after: String,
    /// Number and hash that were written down, with a colon between.
    noted: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "audit/verify.html")]
pub struct Page {
    frame: Frame,
    noted: String,
    sound: bool,
    verified: String,
    length: String,
    next: String,
    breach: Option<(i64, String)>,
    signed: Option<Signed>,
}

/// The newest signed statement.
struct Signed {
    number: i64,
    at: Option<Moment>,
    note: String,
    statement: String,
    key: String,
    signature: String,
}

/// `GET /console/audit/verify`.
pub async fn verify(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<VerifyQuery>,
) -> Result<Page, Problem> {
    let noted = query.noted.trim().to_owned();
    let (number, hash) = noted.split_once(':').unwrap_or(("", &noted));
    let request = VerifyChainRequest {
        after: query.after,
        // What cannot be read goes on as it is, and the service says so.
        number: number.trim().parse().unwrap_or_default(),
        hash: hash.trim().to_lowercase(),
        limit: 0,
    };
    let found = console.audit.clone().verify_chain(desk.ask(request)).await?.into_inner();
    Ok(Page::of(found, noted, &desk))
}

impl Page {
    fn of(found: VerifyChainResponse, noted: String, desk: &SignedIn) -> Self {
        let signed = found.checkpoint.map(|checkpoint| Signed {
            number: checkpoint.number,
            at: Moment::new(checkpoint.at.as_ref(), desk.session.zone),
            note: format!("{}:{}", checkpoint.number, checkpoint.hash),
            statement: checkpoint.statement,
            key: checkpoint.public_key,
            signature: checkpoint.signature,
        });
        let next = url("/console/audit/verify", &[("after", found.next.as_str()), ("noted", &noted)]);
        Self {
            frame: Frame::of(&desk.visit),
            next: if found.next.is_empty() { String::new() } else { next },
            noted,
            sound: found.sound,
            verified: label::count(&found.verified.to_string()),
            length: label::count(&found.length.to_string()),
            breach: found.breach.map(|breach| (breach.number, sentence(&breach))),
            signed,
        }
    }
}

/// What is wrong, in a sentence.
fn sentence(breach: &Breach) -> String {
    let text = match breach.problem.as_str() {
        "altered" => "It is not as it was written: its content was changed.",
        "unlinked" => "It does not follow on the entry before: it was moved or inserted, or the one before is gone.",
        "missing" => "There is no entry at this place: it was removed.",
        "truncated" => "The audit ends before this place, although it was longer: its end was cut off.",
        "inserted" => "It was added behind the end, not by the service.",
        "rewritten" => "It has another hash here than was signed or noted: the audit was written anew.",
        "forged" => "The signature of this place is none of ours.",
        other => return label::words(other),
    };
    text.to_owned()
}
