//! What became of each line, as comma-separated values: ids and slugs, and nothing of what the file said.
use kit::Error as KitError;
use proto::customers::v1::JobReportPiece;
use sqlx::PgExecutor;

use super::{Import, store};
use crate::Error;

/// Lines of a piece.
const LINES: usize = 1_000;

/// The lines behind `after`, which is empty for the first piece.
pub async fn piece(db: impl PgExecutor<'_>, import: &Import, after: &str) -> Result<JobReportPiece, Error> {
    let behind = if after.is_empty() { 0 } else { after.parse().map_err(|_| Error::ReportNotFound)? };
    let found = store::lines(db, import, behind, i64::try_from(LINES).unwrap_or(i64::MAX)).await?;
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if after.is_empty() {
        lines.write_record(["line", "id", "outcome", "reason"]).map_err(broken)?;
    }
    for line in &found {
        let id = line.customer.map(String::from).unwrap_or_default();
        lines.write_record([&line.line.to_string(), &id, line.outcome.slug(), &line.reason]).map_err(broken)?;
    }
    let last = found.last().filter(|_| found.len() == LINES);
    let next = last.map(|line| line.line.to_string()).unwrap_or_default();
    let data = lines.into_inner().map_err(|error| broken(error.into_error()))?;
    Ok(JobReportPiece { data: data.into(), next })
}

fn broken(error: impl std::fmt::Display) -> Error {
    KitError::Internal(error.to_string()).into()
}
