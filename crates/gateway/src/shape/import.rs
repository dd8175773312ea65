//! A file of customers on its way in.
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type},
};

use super::{text, time};
use crate::{
    admin::{Progress, tags},
    answer::Versioned,
};

/// A file of customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "imp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d52", "state": "checked", "columns": ["Email", "Name", "Total"],
    "mapping": ["email", "name", null], "options": {"empty": "leave", "country": "DE", "tags": []}, "encoding": "utf-8",
    "delimiter": ",", "rows": 2, "progress": {"done": 2, "total": 2},
    "counts": {"new": 1, "changed": 1, "unchanged": 0, "refused": 0, "superseded": 0, "warnings": 0},
    "sample": [["ada@example.com", "Ada", "5"]], "result_url": null, "failure": null, "version": 4,
    "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z", "ended_at": null,
    "expires_at": "2026-03-03T12:00:00Z",
}))]
pub struct Import {
    /// `imp_…`.
    pub id: String,
    /// `uploaded`, `checking`, `checked`, `running`, `succeeded`, `failed` or `cancelled`.
    pub state: String,
    /// The headings of the columns.
    pub columns: Vec<String>,
    /// What each column is; `null` leaves it out.
    pub mapping: Vec<Option<String>>,
    /// How it is read.
    pub options: ImportOptions,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`, as it was recognised.
    pub encoding: String,
    /// What stands between the columns.
    pub delimiter: String,
    /// Rows in the file.
    pub rows: i64,
    /// How far the check, or the import itself, is.
    pub progress: Progress,
    /// What becomes of the rows.
    pub counts: ImportCounts,
    /// The first rows as long as there is the file; only where it is uploaded or asked for alone.
    pub sample: Vec<Vec<String>>,
    /// Where the report is to be had, when there is one.
    pub result_url: Option<String>,
    /// Why it failed: `expired`, `gave_up`, or `withdrawn` since somebody was erased who may be in the file.
    pub failure: Option<String>,
    /// Grows with every change, and as it gets on.
    pub version: i64,
    /// Who uploaded it.
    pub created_by: String,
    /// When it was uploaded.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// When the file is removed at the latest.
    pub expires_at: Option<DateTime<Utc>>,
}

/// How a file is read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOptions {
    /// What an empty cell does: `leave` or `clear`.
    pub empty: String,
    /// Where phones and addresses are from that do not say.
    pub country: Option<String>,
    /// Tags that everybody gets.
    pub tags: Vec<String>,
}

/// What becomes of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportCounts {
    /// People nobody knew.
    pub new: i64,
    /// Records that say something else since.
    pub changed: i64,
    /// Records that said so before.
    pub unchanged: i64,
    /// Rows that cannot be taken.
    pub refused: i64,
    /// Rows of somebody of whom a later row says more.
    pub superseded: i64,
    /// Cells that are left out.
    pub warnings: i64,
}

impl Versioned for Import {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Import> for Import {
    fn from(import: pb::Import) -> Self {
        let (options, counts) = (import.options.unwrap_or_default(), import.counts.unwrap_or_default());
        Self {
            result_url: import.has_report.then(|| format!("/admin/v1/imports/{}/report", import.id)),
            id: import.id,
            state: import.state,
            columns: import.columns,
            mapping: import.fields.into_iter().map(text).collect(),
            options: ImportOptions { empty: options.empty, country: text(options.country), tags: options.tags },
            encoding: import.encoding,
            delimiter: import.delimiter,
            rows: import.rows,
            progress: Progress { done: import.done, total: import.rows },
            counts: ImportCounts {
                new: counts.created,
                changed: counts.changed,
                unchanged: counts.unchanged,
                refused: counts.refused,
                superseded: counts.superseded,
                warnings: counts.warnings,
            },
            sample: import.sample.into_iter().map(|row| row.cells).collect(),
            failure: text(import.failure),
            version: import.version,
            created_by: import.created_by,
            created_at: time(import.created_at),
            ended_at: time(import.ended_at),
            expires_at: time(import.expires_at),
        }
    }
}

/// What each column is, in their order.
fn mapping() -> Array {
    let fields = "id|email|name|first_name|last_name|phone|username|business|fax|language|tags|note|\
                  consents[.](email|sms|push|phone|post)|\
                  address[.](line1|line2|city|region|postal_code|country|business|phone)|meta[.][A-Za-z0-9_-]{1,64}";
    let field = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .pattern(Some(format!("^({fields})?$")));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(field).max_items(Some(200)).build()
}

/// How a file is to be read; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mapping": ["email", "name"], "options": {"empty": "leave", "tags": ["fair"]}}))]
pub struct ImportChanges {
    /// What each column is, each thing once: a field of a customer, or `meta.` with a key; `null` leaves it out.
    #[serde(default)]
    #[schema(schema_with = mapping)]
    pub mapping: Option<Vec<Option<String>>>,
    /// How cells are read.
    #[serde(default)]
    pub options: Option<ImportOptionChanges>,
}

/// How cells are to be read; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportOptionChanges {
    /// What an empty cell does: `leave` or `clear`.
    #[serde(default)]
    #[schema(pattern = "^(leave|clear)$", example = "leave")]
    pub empty: Option<String>,
    /// Where phones and addresses are from that do not say, ISO 3166-1 alpha-2; empty when nobody knows.
    #[serde(default)]
    #[schema(pattern = "^([A-Za-z]{2})?$", example = "DE")]
    pub country: Option<String>,
    /// Tags that everybody gets.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
}

/// A fault of a cell, or of a whole row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "line": 4, "column": "Email", "code": "malformed", "detail": "This cannot be read as what the column is.", "refuses": true,
}))]
pub struct ImportFault {
    /// Line of the file; the first is 1.
    pub line: i64,
    /// Heading of the column; `null` when it is about the whole row.
    pub column: Option<String>,
    /// What is wrong, for programs.
    pub code: String,
    /// The same in a sentence.
    pub detail: String,
    /// Whether the row is not taken for it; else only the cell is left out.
    pub refuses: bool,
}

impl From<pb::ImportFault> for ImportFault {
    fn from(fault: pb::ImportFault) -> Self {
        let pb::ImportFault { line, column, code, detail, refuses } = fault;
        Self { line, column: text(column), code, detail, refuses }
    }
}
