//! The next of those whom a settled filter finds.
use chrono::{DateTime, Utc};
use kit::{
    ids::{CustomerId, RealmId, StoreId},
    page::{Cursor, Page},
    pool::Pool,
};
use proto::{base::v1::Filter as Tree, customers::v1 as pb};

use super::recipient::Way;
use crate::{
    Error,
    customer::Scope,
    fields::Fields,
    list::{self, filter::Filter, query::Query, reading::Reading, sort::Sort},
};

/// Most of them at once.
const MOST: u32 = 500;

/// Whom a store of `realm` knows; a store in no network is its realm.
#[must_use]
pub fn scope(realm: RealmId, store: StoreId) -> Scope {
    Scope { realm, store: Some(store).filter(|store| store.uuid() != realm.uuid()) }
}

/// All for whom each of `trees` holds in `scope`, in the order of their ids. Whether it may be asked was judged before.
pub(super) fn query(scope: Scope, trees: &[&Tree], now: DateTime<Utc>) -> Result<Query, Error> {
    let reading = Reading { pii: true, now, saved: None };
    let filters = trees.iter().map(|tree| Filter::parse(tree, &reading)).collect::<Result<Vec<_>, _>>()?;
    let filter = Some(filters).filter(|filters| !filters.is_empty()).map(Filter::And);
    Ok(Query::of(scope, None, filter, Sort::parse(&["id".to_owned()], true)?))
}

/// Which of them.
#[derive(Debug)]
pub struct ListRecipients {
    query: Query,
    way: Way,
    page: Page,
}

impl ListRecipients {
    /// Reads a request.
    pub fn parse(request: &pb::ListRecipientsRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let (realm, store) = (fields.id("/realm", &request.realm), fields.id("/store", &request.store));
        let after = Some(&request.after).filter(|after| !after.is_empty());
        let after: Option<CustomerId> = after.and_then(|after| fields.id("/after", after));
        fields.finish()?;
        let (Some(realm), Some(store)) = (realm, store) else { return Err(Error::CustomerNotFound) };
        let trees: Vec<_> = request.filter.iter().collect();
        let query = query(scope(realm, store), &trees, now)?;
        let cursor = after.map(|after| Cursor { forward: true, key: vec![after.into()] });
        let page = Page { limit: request.limit.clamp(1, MOST), cursor, total: false };
        Ok(Self { query, way: Way::parse(&request.channel, request.marketing)?, page })
    }
}

/// Some of them. Where messages go is said when one goes.
pub async fn list_recipients(db: &Pool, input: &ListRecipients) -> Result<pb::ListRecipientsResponse, Error> {
    let mut rows = list::store::page(db, &input.query, &input.page).await?;
    let most = input.page.limit as usize;
    let has_more = rows.len() > most;
    rows.truncate(most);
    let recipients = rows.into_iter().map(|row| pb::Recipient {
        refusal: input.way.refusal(&row.customer).to_owned(),
        customer: row.customer.id.into(),
        ..pb::Recipient::default()
    });
    Ok(pb::ListRecipientsResponse { recipients: recipients.collect(), has_more })
}
