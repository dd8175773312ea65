//! Begins a job that changes many customers: whom it concerns is settled then.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::{CustomerId, JobId, RealmId},
    permission::Permission,
};
use proto::{base::v1::Filter as Tree, customers::v1 as pb};

use super::{
    Action, Change,
    bulk::Asker,
    store::{self, Begun},
};
use crate::{
    Error,
    customer::Scope,
    export::{all, condition},
    fields::Fields,
    job::{self, Job, Kind, State},
    list::{self, filter::Filter, query::Query, reading::Reading, search::Search, sort::Sort},
    segment::{Saved, segment::described},
};

/// Most customers that are changed while the caller waits.
const AT_ONCE: usize = 100;
/// Most ids of a request.
const NAMED: usize = 10_000;
/// Most customers that a filter may find.
pub(crate) const FOUND: i64 = 100_000;
/// Most jobs of a customer base that have not ended.
const WAITING: i64 = 10;

/// The filter of a request with its segment.
#[must_use]
pub fn wanted(request: &pb::ChangeManyRequest) -> Option<Tree> {
    let mut trees: Vec<Tree> = request.filter.clone().into_iter().collect();
    if !request.segment.is_empty() {
        trees.push(condition("segment", "eq", &request.segment));
    }
    all(trees)
}

/// Whether a request is carried out while its caller waits: a few who are named, and nobody is forgotten.
#[must_use]
pub fn is_small(request: &pb::ChangeManyRequest) -> bool {
    let narrowed = wanted(request).is_some() || !request.query.is_empty();
    !narrowed && request.ids.len() <= AT_ONCE && request.action != Action::Delete.slug()
}

/// Whom a change concerns.
#[derive(Clone, Debug)]
enum Whom {
    /// These.
    Named(Vec<CustomerId>),
    /// Whom a list would show.
    Found { query: Box<Query>, described: serde_json::Value },
}

/// A job to begin.
#[derive(Clone, Debug)]
pub struct BeginBulk {
    scope: Scope,
    change: Change,
    whom: Whom,
    confirm: Option<i64>,
    now: DateTime<Utc>,
}

impl BeginBulk {
    /// Reads a request with the segments that it names. To forget many takes what it takes to forget one.
    pub fn parse(
        request: &pb::ChangeManyRequest,
        call: &Call,
        saved: &Saved,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let actor = call.actor()?;
        if request.action == Action::Delete.slug() {
            actor.require(Permission::CustomersDelete)?;
            actor.require_recent(now)?;
        }
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let mut fields = Fields::default();
        let (change, ids) = (Change::parse(request, &mut fields), named(request, &mut fields));
        fields.finish()?;
        change.authorise(actor)?;
        let (scope, pii, tree) = (Scope::of(actor)?, actor.sees_pii(), wanted(request));
        let whom = if ids.is_empty() {
            let reading = Reading { pii, now, saved: Some(saved) };
            let filter = tree.as_ref().map(|tree| Filter::parse(tree, &reading)).transpose()?;
            let query = Query::of(scope, Search::parse(&request.query, pii)?, filter, Sort::parse(&[], pii)?);
            let described = json!({
                "filter": tree.as_ref().map(described), "searched": !request.query.is_empty() });
            Whom::Found { query: Box::new(query), described }
        } else {
            Whom::Named(ids)
        };
        Ok(Self { scope, change, whom, confirm: request.confirm, now })
    }
}

/// The ids of a request, which names somebody in one way only.
fn named(request: &pb::ChangeManyRequest, fields: &mut Fields) -> Vec<CustomerId> {
    let ids = distinct(request, fields);
    let narrowed = wanted(request).is_some() || !request.query.is_empty();
    match (request.ids.is_empty(), narrowed) {
        (true, false) => fields.fault("/ids", "required", "name customers, or a filter, a segment or a search"),
        (false, true) => fields.fault("/ids", "conflict", "name customers or a filter, not both"),
        (false, false) if request.ids.len() > NAMED => {
            fields.fault("/ids", "out_of_range", "name at most 10,000 customers; a filter finds more");
        }
        _ => {}
    }
    ids
}

/// The ids of a request, each of which it names once.
pub(crate) fn distinct(request: &pb::ChangeManyRequest, fields: &mut Fields) -> Vec<CustomerId> {
    let mut malformed = false;
    let mut ids: Vec<CustomerId> = Vec::with_capacity(request.ids.len());
    for id in &request.ids {
        match id.parse() {
            Ok(id) => ids.push(id),
            Err(_) => malformed = true,
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if malformed {
        fields.fault("/ids", "malformed", "this is not an id of the kind asked for");
    } else if ids.len() != request.ids.len() {
        fields.fault("/ids", "duplicate", "name each customer once");
    }
    ids
}

/// Passes unless as many jobs wait as may.
pub(crate) async fn refuse_more(tx: &mut Tx, realm: RealmId) -> Result<(), Error> {
    if store::waiting(&mut **tx, realm).await? >= WAITING { Err(Error::TooManyJobs) } else { Ok(()) }
}

/// The job, which waits to be carried out. Whoever matches later is not concerned.
pub async fn begin_bulk(tx: &mut Tx, call: &Call, input: BeginBulk) -> Result<Job, Error> {
    let BeginBulk { scope, change, whom, confirm, now } = input;
    refuse_more(tx, scope.realm).await?;
    let (ids, described) = match whom {
        Whom::Named(ids) => (ids, serde_json::Value::Null),
        Whom::Found { query, described } => (list::store::ids(&mut *tx, &query, FOUND + 1).await?, described),
    };
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if count > FOUND {
        return Err(Error::TooManyCustomers);
    }
    if change.action == Action::Delete && confirm != Some(count) {
        return Err(Error::CountMismatch { customers: count });
    }
    let job = Job::alone((scope.realm, JobId::new(now)), Kind::Bulk, (count, call.actor()?.subject.clone()), now);
    job::store::insert(tx, &job).await?;
    store::insert(tx, &job, &Begun { change: &change, asker: Some(&Asker::of(call, now)?), ids: &ids }).await?;
    let entry = Entry::new("customers.bulk_begun", ("job", job.id), now).created(json!({
        "action": change.action.slug(),
        "customers": count,
        "add": change.add.len(),
        "remove": change.remove.len(),
        "wanted": described,
    }));
    audit::record(tx, call, entry)?;
    Ok(job)
}

impl Job {
    /// A job of customers alone, that nobody has taken up yet.
    #[must_use]
    pub fn alone(
        (realm, id): (RealmId, JobId),
        kind: Kind,
        (total, created_by): (i64, String),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            realm,
            id,
            kind,
            state: State::Queued,
            customer: None,
            done: 0,
            total,
            refused: 0,
            services: Vec::new(),
            failure: String::new(),
            created_by,
            created_at: now,
            updated_at: now,
            ended_at: None,
        }
    }
}
