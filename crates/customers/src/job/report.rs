//! What a job could not do, as comma-separated values: of whom and why, and nothing of who they are.
use kit::{Error as KitError, ids::CustomerId};
use proto::customers::v1::JobReportPiece;
use sqlx::{PgExecutor, types::Uuid};

use super::{Job, Kind};
use crate::{Error, bulk::store, cleanup::report as cleanup};

/// Lines of a piece.
const LINES: usize = 1_000;

/// The lines behind `after`, which is empty for the first piece.
pub async fn piece(db: impl PgExecutor<'_>, job: &Job, after: &str) -> Result<JobReportPiece, Error> {
    let first = after.is_empty();
    let after =
        if first { CustomerId::from_uuid(Uuid::nil()) } else { after.parse().map_err(|_| Error::ReportNotFound)? };
    let most = i64::try_from(LINES).unwrap_or(i64::MAX);
    let (head, rows): (&[&str], Vec<(CustomerId, Vec<String>)>) = if job.kind == Kind::AccountCleanup {
        (&cleanup::HEAD, cleanup::lines(db, job, (after, most)).await?)
    } else {
        let refused = store::refused(db, job, after, most).await?;
        (&["customer", "code"], refused.into_iter().map(|(id, slug)| (id, vec![id.to_string(), slug])).collect())
    };
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if first {
        lines.write_record(head).map_err(broken)?;
    }
    for (_, cells) in &rows {
        lines.write_record(cells).map_err(broken)?;
    }
    let last = rows.last().filter(|_| rows.len() == LINES);
    let next = last.map(|(customer, _)| customer.to_string()).unwrap_or_default();
    let data = lines.into_inner().map_err(|error| broken(error.into_error()))?;
    Ok(JobReportPiece { data: data.into(), next })
}

fn broken(error: impl std::fmt::Display) -> Error {
    KitError::Internal(error.to_string()).into()
}
