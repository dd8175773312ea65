//! Says what the columns are, and how they are read.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};
use proto::customers::v1 as pb;
use serde_json::{Value, json};

use super::{Import, field::is_field, grpc::locked, import::Empty, store};
use crate::{Error, fields::Fields, record::tags};

/// Changes to how a file is read; what is absent stays.
#[derive(Clone, Debug)]
pub struct ChangeImport {
    id: String,
    fields: Option<Vec<String>>,
    empty: Option<Empty>,
    country: Option<String>,
    tags: Option<Vec<String>>,
    now: DateTime<Utc>,
}

impl ChangeImport {
    /// Reads a request.
    pub fn parse(request: pb::ChangeImportRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = Fields::default();
        let fields = request.fields.map(|mapping| mapping.fields);
        for field in fields.iter().flatten().filter(|field| !field.is_empty()) {
            if !is_field(field) {
                faults.fault("/mapping", "unknown_value", "a column can be no such thing");
            }
        }
        let mut seen = HashSet::new();
        let twice = fields.iter().flatten().any(|field| !field.is_empty() && !seen.insert(field));
        let empty = request.empty.map(|empty| {
            Empty::named(&empty).unwrap_or_else(|| {
                faults.fault("/options/empty", "unknown_value", "empty cells leave or clear");
                Empty::Leave
            })
        });
        let country = request.country.map(|country| country.trim().to_ascii_uppercase());
        let is_code =
            |code: &String| code.is_empty() || code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !country.iter().all(is_code) {
            let detail = "the country must be an ISO 3166-1 alpha-2 code, such as DE";
            faults.fault("/options/country", "malformed", detail);
        }
        let tags = request.tags.map(|tags| tags::parse("/options/tags", &tags.tags, &mut faults));
        faults.finish()?;
        if twice {
            return Err(Error::MappingMismatch);
        }
        Ok(Self { id: request.id, fields, empty, country, tags, now })
    }
}

/// How it is read, as the audit is told; headings are words of the file.
pub(super) fn told(import: &Import) -> Value {
    let mapped: Vec<_> = import.fields.iter().filter(|field| !field.is_empty()).collect();
    json!({ "mapping": mapped, "empty": import.empty.slug(), "country": import.country, "tags": import.tags.len() })
}

/// The import as it is read since.
pub async fn change_import(tx: &mut Tx, call: &Call, input: ChangeImport) -> Result<Import, Error> {
    let mut import = locked(tx, call.actor()?, &input.id).await?;
    call.check_version(import.version)?;
    import.open()?;
    let before = told(&import);
    if let Some(fields) = input.fields {
        if fields.len() != import.columns.len() {
            return Err(Error::MappingMismatch);
        }
        import.fields = fields;
    }
    import.empty = input.empty.unwrap_or(import.empty);
    import.country = input.country.unwrap_or(import.country);
    import.tags = input.tags.unwrap_or(import.tags);
    store::save(tx, &import).await?;
    let entry = Entry::new("import.mapped", ("import", import.id), input.now);
    audit::record(tx, call, entry.changed(before, told(&import)))?;
    Ok(import)
}
