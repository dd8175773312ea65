//! The audit as a file, written while it is read: however long it is, only a page of it is in memory.
use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use kit::{failure::Violation, permission::Permission};
use proto::{
    base::v1::PageRequest,
    identity::v1::{EntryFilter, ListEntriesRequest, ListEntriesResponse},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{super::list_query::Filters, entry::Entry, filters::filter};
use crate::{
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Wanted},
        params::Params,
    },
    router::Gateway,
};

/// How many entries are read at once.
const PAGE: u32 = 100;

/// The routes about the file.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(export_audit))
}

/// What the file is to be.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct Form {
    /// `csv`, or `jsonl` for a JSON object in each line.
    #[param(example = "csv", pattern = "^(csv|jsonl)$")]
    format: String,
}

/// A form that entries are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Lines,
}

/// Names of the columns.
const COLUMNS: [&str; 19] = [
    "number",
    "at",
    "service",
    "store",
    "actor_kind",
    "actor",
    "actor_name",
    "impersonator_kind",
    "impersonator",
    "session",
    "action",
    "target_kind",
    "target",
    "customers",
    "reason",
    "before",
    "after",
    "ip",
    "request_id",
];

impl Format {
    fn parse(text: &str) -> Result<Self, Violation> {
        match text {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::Lines),
            _ => Err(Violation::new("/format", "unknown_value", "format must be csv or jsonl")),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Lines => "application/jsonl",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"audit.csv\"",
            Self::Lines => "attachment; filename=\"audit.jsonl\"",
        }
    }

    /// What stands before the first entry.
    fn head(self) -> Bytes {
        match self {
            Self::Csv => lines(&[COLUMNS.map(str::to_owned).to_vec()]),
            Self::Lines => Bytes::new(),
        }
    }

    fn write(self, entries: Vec<Entry>) -> Bytes {
        match self {
            Self::Csv => lines(&entries.into_iter().map(cells).collect::<Vec<_>>()),
            Self::Lines => {
                let lines = entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
                lines.map(|line| line + "\n").collect::<String>().into()
            }
        }
    }
}

fn lines(rows: &[Vec<String>]) -> Bytes {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Cannot fail: it is written to memory, and every row has as many cells.
        let _ = writer.write_record(row.iter().map(|cell| defused(cell)));
    }
    writer.into_inner().unwrap_or_default().into()
}

/// A cell that no spreadsheet runs as a formula.
fn defused(cell: &str) -> String {
    let dangerous = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if dangerous { format!("'{cell}") } else { cell.to_owned() }
}

fn cells(entry: Entry) -> Vec<String> {
    let impersonator = entry.impersonator.map(|person| (person.kind, person.id)).unwrap_or_default();
    let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string()).unwrap_or_default();
    vec![
        entry.number.to_string(),
        entry.at.map(|at| at.to_rfc3339()).unwrap_or_default(),
        entry.service,
        entry.store.unwrap_or_default(),
        entry.actor.kind,
        entry.actor.id,
        entry.actor_name.unwrap_or_default(),
        impersonator.0,
        impersonator.1,
        entry.session.unwrap_or_default(),
        entry.action,
        entry.target.kind,
        entry.target.id.unwrap_or_default(),
        entry.customers.join(" "),
        entry.reason.unwrap_or_default(),
        json(entry.before),
        json(entry.after),
        entry.ip.unwrap_or_default(),
        entry.request_id.unwrap_or_default(),
    ]
}

/// Pages of the audit, one after the other.
struct Pages {
    peers: Arc<Peers>,
    caller: Caller,
    filter: EntryFilter,
    /// Where the next page starts; nothing behind the last.
    next: Option<String>,
}

impl Pages {
    async fn read(&mut self) -> Result<Vec<Entry>, Problem> {
        let Some(after) = self.next.take() else { return Ok(Vec::new()) };
        let page = PageRequest { limit: PAGE, after, ..PageRequest::default() };
        let request = ListEntriesRequest { filter: Some(self.filter.clone()), page: Some(page) };
        let answer = self.peers.audit().list_entries(self.caller.ask_anew(request)).await?;
        let ListEntriesResponse { entries, page } = answer.into_inner();
        self.next = page.map(|page| page.next).filter(|next| !next.is_empty());
        Ok(entries.into_iter().map(Into::into).collect())
    }
}

/// Export the audit
///
/// The same entries as the list, all of them, newest first, as a file. It is cut off when something fails on the way.
#[utoipa::path(
    get, path = "/admin/v1/audit/export", tag = "Audit", params(Form, Filters),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/csv", example = "number,at,service,store,actor_kind,actor\r\n"),
            (String = "application/jsonl", example = "{}\n"),
        )),
        (status = 403, description = "`pii_required`: searching by ip needs the permission customers.pii.")
    ),
    extensions(("x-permission" = json!([Permission::AuditRead.slug()])))
)]
async fn export_audit(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Response, Problem> {
    let format = Format::parse(&params.text("format"))?;
    if let Some((name, _)) = params.take_where(|name| ["limit", "after", "before"].contains(&name)).first() {
        return Err(
            Violation::new(format!("/{name}"), "unknown_parameter", format!("{name} is not a parameter here")).into()
        );
    }
    let filter = filter(&Wanted::read(params, &[Extra::Filters])?)?;
    let mut pages = Pages { peers, caller, filter, next: Some(String::new()) };
    // Whatever is wrong with the request is told before the file begins.
    let first = [format.head(), format.write(pages.read().await?)].concat();
    let rest = stream::try_unfold(pages, move |mut pages| async move {
        if pages.next.is_none() {
            return Ok::<_, std::io::Error>(None);
        }
        let entries =
            pages.read().await.map_err(|_| std::io::Error::other("the audit could not be read to its end"))?;
        Ok(Some((format.write(entries), pages)))
    });
    let first = stream::once(async move { Ok(Bytes::from(first)) });
    let mut response = Body::from_stream(futures_util::StreamExt::chain(first, rest)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(format.disposition()));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-3: cells that a spreadsheet would run as formulas are defused; texts of several lines stay one cell.
    #[test]
    fn cells_are_quoted_and_defused() {
        let row = ["=1+1", "a \"b\", c", "two\nlines", "@x"].map(str::to_owned).to_vec();
        assert_eq!(lines(&[row]), "'=1+1,\"a \"\"b\"\", c\",\"two\nlines\",'@x\n");
    }
}
