//! The report of a clean-up as comma-separated values: of which accounts, what was found of them, and what became of them.
//! It names nobody.
use kit::ids::CustomerId;
use sqlx::PgExecutor;

use super::store::{self, Line};
use crate::{Error, job::Job};

/// What stands above.
pub const HEAD: [&str; 5] = ["customer", "verdict", "score", "reasons", "outcome"];

/// Up to `most` lines behind `after`.
pub async fn lines(
    db: impl PgExecutor<'_>,
    job: &Job,
    (after, most): (CustomerId, i64),
) -> Result<Vec<(CustomerId, Vec<String>)>, Error> {
    let lines = store::lines(db, (job.realm, job.id), (after, most)).await?;
    Ok(lines.into_iter().map(|line| (line.customer, cells(line))).collect())
}

fn cells(line: Line) -> Vec<String> {
    let reasons: Vec<String> =
        line.reasons.0.iter().map(|reason| format!("{} {}", reason.code, reason.weight)).collect();
    vec![
        line.customer.to_string(),
        line.kind.slug().to_owned(),
        line.score.to_string(),
        reasons.join("; "),
        line.outcome.unwrap_or_else(|| "not_reached".to_owned()),
    ]
}
