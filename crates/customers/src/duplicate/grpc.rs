//! The RPC of duplicates: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db,
    actor::Actor,
    clock::{Clock, timestamp},
    failure::Violation,
    ids::CustomerId,
    page::{Page, Pager},
    permission::Permission,
    reads::Reads,
};
use proto::customers::v1::{self as pb, duplicate_service_server::DuplicateService};
use tonic::{Request, Response, Status};

use super::store::{self, Row};
use crate::{
    Error,
    customer::{
        Scope,
        encode::{Sums, encode},
        grpc::mask,
        store as customers,
    },
};

/// The server of this RPC.
pub struct Duplicates {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) reads: Reads,
}

/// Where a page starts.
type Place = (DateTime<Utc>, CustomerId, CustomerId);

fn place(page: &Page) -> Result<Option<Place>, Violation> {
    let Some(cursor) = &page.cursor else { return Ok(None) };
    let place = match cursor.key.as_slice() {
        [at, one, other] => at
            .parse()
            .ok()
            .and_then(DateTime::from_timestamp_micros)
            .and_then(|at| Some((at, one.parse().ok()?, other.parse().ok()?))),
        _ => None,
    };
    place.map(Some).ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not of this list"))
}

fn key((one, _): &(Row, Row)) -> Vec<String> {
    vec![one.found_at.timestamp_micros().to_string(), one.one_id.to_string(), one.other_id.to_string()]
}

/// Both records of each pair together.
fn pairs(rows: Vec<Row>) -> Vec<(Row, Row)> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(|| rows.next().zip(rows.next())).collect()
}

fn told((actor, now): (&Actor, DateTime<Utc>), (one, other): (Row, Row), sums: &Sums) -> pb::Duplicate {
    let (reasons, found_at) = (one.reasons, Some(timestamp(one.found_at)));
    let shown = |row: crate::customer::Customer| {
        let sum = sums.get(&row.id).cloned().unwrap_or_default();
        Some(mask(actor, encode(row, &sum), now))
    };
    pb::Duplicate { one: shown(one.customer), other: shown(other.customer), reasons, found_at }
}

#[tonic::async_trait]
impl DuplicateService for Duplicates {
    async fn list_duplicates(
        &self,
        request: Request<pb::ListDuplicatesRequest>,
    ) -> Result<Response<pb::ListDuplicatesResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        actor.require(Permission::CustomersMerge)?;
        let realm = actor.realm().map_err(Error::from)?;
        let context = format!("duplicates {realm}");
        let page = self.pager.read(request.get_ref().page.as_ref(), &context)?;
        let rows = store::page(self.db.pool(), realm, &page, place(&page)?).await?;
        let (pairs, place) = self.pager.finish(&page, pairs(rows), &context, key);
        let ids: Vec<CustomerId> = pairs.iter().flat_map(|(one, _)| [one.one_id, one.other_id]).collect();
        let sums = customers::sums(self.db.pool(), Scope::realm(realm), &ids).await?;
        self.reads.note(&call, ids);
        let now = self.clock.now();
        let duplicates = pairs.into_iter().map(|pair| told((actor, now), pair, &sums)).collect();
        Ok(Response::new(pb::ListDuplicatesResponse { duplicates, page: Some(place) }))
    }
}
