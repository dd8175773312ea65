//! Asks for a list as a file (EX-1, EX-2).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    ids::{ExportId, RealmId},
};
use proto::{
    base::v1::{Filter as Tree, RowsQuery, filter::Node},
    customers::v1 as pb,
};
use uuid::Uuid;

use super::{
    column::{Column, USUAL},
    export::{Export, Format, Kind, State, all, condition},
    store,
};
use crate::{
    Error,
    customer::Scope,
    fields::Fields,
    list::{filter::Filter, reading::Reading, search::Search},
    segment::{self, Saved, segment::described, store::Tree as Kept},
};

/// Most exports of a customer base that are not written yet.
const MOST: i64 = 10;

/// The filter of a request with its segment, its dates and its kind: what a list would take.
pub fn wanted(request: &pb::RequestExportRequest) -> Option<Tree> {
    let kind = Kind::named(&request.r#type).unwrap_or(Kind::Customers);
    let mut trees = match (&request.filter, kind.owner()) {
        // Not every list takes one tree within another.
        (Some(Tree { node: Some(Node::And(list)) }), Some(_)) if !list.filters.is_empty() => list.filters.clone(),
        (filter, _) => filter.iter().cloned().collect(),
    };
    for (field, op, value) in
        [("segment", "eq", &request.segment), (kind.moment(), "gte", &request.from), (kind.moment(), "lt", &request.to)]
    {
        if !value.is_empty() {
            trees.push(condition(field, op, value));
        }
    }
    if kind == Kind::Leads {
        trees.push(condition("lifecycle", "eq", "lead"));
    }
    all(trees)
}

/// A file that is asked for.
#[derive(Clone, Debug)]
pub struct RequestExport {
    export: Export,
}

impl RequestExport {
    /// Reads a request with the segments that it names; it needs an idempotency key, or it would be written twice.
    pub fn parse(
        request: &pb::RequestExportRequest,
        call: &Call,
        saved: &Saved,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let actor = call.actor()?;
        let (scope, pii, mut export) = (Scope::of(actor)?, actor.sees_pii(), shaped(request, now)?);
        Search::parse(&request.query, pii)?;
        if let Some(tree) = wanted(request) {
            Filter::parse(&tree, &Reading { pii, now, saved: Some(saved) })?;
            export.tree = Some(Kept(segment::named::replaced(&tree, saved)));
        }
        Ok(Self::signed((export, request), scope, actor))
    }

    /// Reads a request for a list of another service, which says what may be asked for: the columns are still to be told.
    pub fn elsewhere(request: &pb::RequestExportRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let (actor, mut export) = (call.actor()?, shaped(request, now)?);
        export.tree = wanted(request).map(Kept);
        export.columns.clone_from(&request.columns);
        Ok(Self::signed((export, request), Scope::of(actor)?, actor))
    }

    /// What its owner is asked for.
    pub fn rows(&self) -> RowsQuery {
        self.export.rows()
    }

    /// With the columns that its owner names.
    #[must_use]
    pub fn with(mut self, columns: Vec<String>) -> Self {
        self.export.columns = columns;
        self
    }

    /// Signed by whoever asks for it, in the place they work in.
    fn signed((mut export, request): (Export, &pb::RequestExportRequest), scope: Scope, actor: &Actor) -> Self {
        (export.realm, export.store, export.pii) = (scope.realm, scope.store, actor.sees_pii());
        export.search.clone_from(&request.query);
        export.created_by.clone_from(&actor.subject);
        Self { export }
    }
}

/// An export of this kind, form and columns; whose and of what is still to be said.
fn shaped(request: &pb::RequestExportRequest, now: DateTime<Utc>) -> Result<Export, Error> {
    let mut fields = Fields::default();
    let (kind, format) = (Kind::named(&request.r#type), Format::named(&request.format));
    if kind.is_none() {
        fields.fault("/type", "unknown_value", "this is no list that becomes a file");
    }
    if format.is_none() {
        fields.fault("/format", "unknown_value", "the format is csv, xlsx or html");
    }
    let moment = |text: &str| DateTime::parse_from_rfc3339(text).ok();
    if moment(&request.from).zip(moment(&request.to)).is_some_and(|(from, to)| from >= to) {
        fields.fault("/to", "out_of_range", "the time to is later than the time from");
    }
    let columns = own_columns(kind, request, &mut fields);
    fields.finish()?;
    Ok(Export {
        realm: RealmId::from_uuid(Uuid::nil()),
        id: ExportId::new(now),
        store: None,
        kind: kind.unwrap_or(Kind::Customers),
        format: format.unwrap_or(Format::Csv),
        search: String::new(),
        tree: None,
        columns,
        pii: false,
        state: State::Queued,
        done: 0,
        total: 0,
        failure: String::new(),
        attempts: 0,
        file: String::new(),
        size: 0,
        created_by: String::new(),
        created_at: now,
        ended_at: None,
        expires_at: None,
    })
}

/// The columns of a list of ours. Those of others their owners name, who are told moments and no segments.
fn own_columns(kind: Option<Kind>, request: &pb::RequestExportRequest, fields: &mut Fields) -> Vec<String> {
    if kind.and_then(Kind::owner).is_none() {
        return columns(&request.columns, fields);
    }
    check_dates(request, fields);
    if !request.segment.is_empty() {
        fields.fault("/segment", "not_applicable", "segments are of customers and leads");
    }
    Vec::new()
}

/// Passes dates that are moments.
fn check_dates(request: &pb::RequestExportRequest, fields: &mut Fields) {
    for (pointer, text) in [("/from", &request.from), ("/to", &request.to)] {
        if !text.is_empty() && DateTime::parse_from_rfc3339(text).is_err() {
            fields.fault(pointer, "malformed", "times are such as 2026-03-02T12:00:00Z");
        }
    }
}

fn columns(names: &[String], fields: &mut Fields) -> Vec<String> {
    if names.is_empty() {
        return USUAL.iter().map(|&name| name.to_owned()).collect();
    }
    if names.iter().any(|name| Column::named(name).is_none()) {
        fields.fault("/columns", "unknown_value", "there is no such column");
    }
    let mut distinct: Vec<_> = names.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() != names.len() {
        fields.fault("/columns", "duplicate", "name each column once");
    }
    names.to_vec()
}

/// What the audit is told of an export.
pub(super) fn told(export: &Export) -> serde_json::Value {
    json!({
        "type": export.kind.slug(),
        "format": export.format.slug(),
        "filter": export.tree.as_ref().map(|tree| described(&tree.0)),
        "searched": !export.search.is_empty(),
        "columns": export.columns,
        "masked": !export.pii,
    })
}

/// The export, which waits to be written.
pub async fn request_export(tx: &mut Tx, call: &Call, input: RequestExport) -> Result<Export, Error> {
    let RequestExport { export } = input;
    if store::waiting(&mut **tx, export.realm).await? >= MOST {
        return Err(Error::TooManyExports);
    }
    store::insert(tx, &export).await?;
    let entry = Entry::new("export.requested", ("export", export.id), export.created_at).created(told(&export));
    audit::record(tx, call, entry)?;
    Ok(export)
}
