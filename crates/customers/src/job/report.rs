//! What a job could not do, as comma-separated values: of whom and why, and nothing of who they are.
use kit::{Error as KitError, ids::CustomerId};
use proto::customers::v1::JobReportPiece;
use sqlx::{PgExecutor, types::Uuid};

use super::Job;
use crate::{Error, bulk::store};

/// Lines of a piece.
const LINES: usize = 1_000;

/// The lines behind `after`, which is empty for the first piece.
pub async fn piece(db: impl PgExecutor<'_>, job: &Job, after: &str) -> Result<JobReportPiece, Error> {
    let first = after.is_empty();
    let after =
        if first { CustomerId::from_uuid(Uuid::nil()) } else { after.parse().map_err(|_| Error::ReportNotFound)? };
    let most = i64::try_from(LINES).unwrap_or(i64::MAX);
    let refused = store::refused(db, job, after, most).await?;
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if first {
        lines.write_record(["customer", "code"]).map_err(broken)?;
    }
    for (customer, slug) in &refused {
        lines.write_record([&customer.to_string(), slug]).map_err(broken)?;
    }
    let last = refused.last().filter(|_| refused.len() == LINES);
    let next = last.map(|(customer, _)| customer.to_string()).unwrap_or_default();
    let data = lines.into_inner().map_err(|error| broken(error.into_error()))?;
    Ok(JobReportPiece { data: data.into(), next })
}

fn broken(error: impl std::fmt::Display) -> Error {
    KitError::Internal(error.to_string()).into()
}
