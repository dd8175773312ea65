//! A list of suppressions as it was asked for.
use chrono::{DateTime, Utc};
use kit::{
    Error,
    actor::Actor,
    failure::Violation,
    ids::SuppressionId,
    page::{Page, Pager},
};
use proto::notifications::v1 as pb;
use uuid::Uuid;

use super::{Suppression, store::Filter};
use crate::list::place;

/// Which page of which suppressions.
pub struct ListSuppressions {
    /// Which.
    pub filter: Filter,
    /// Which page of them.
    pub page: Page,
    /// The row it starts at.
    pub from: Option<(DateTime<Utc>, SuppressionId)>,
    context: String,
}

impl ListSuppressions {
    /// Reads the request of `actor`, who sees those of their store, or of all stores of their network.
    pub fn parse(request: &pb::ListSuppressionsRequest, actor: &Actor, pager: &Pager) -> Result<Self, Error> {
        let unknown = |_| Violation::new("/customer", "unknown", "there is no such value");
        let customer = Some(&request.customer).filter(|id| !id.is_empty());
        let customer = customer.map(|id| id.parse().map_err(unknown)).transpose()?;
        let filter = Filter { realm: actor.realm()?, store: actor.store, customer };
        let context = format!("suppressions {filter:?}");
        let page = pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().map(|cursor| place(&cursor.key)).transpose()?;
        Ok(Self { filter, page, from: from.map(|(at, id): (_, Uuid)| (at, SuppressionId::from_uuid(id))), context })
    }

    /// The page made of `rows`.
    #[must_use]
    pub fn finish(&self, pager: &Pager, rows: Vec<Suppression>) -> (Vec<Suppression>, proto::base::v1::Page) {
        pager.finish(&self.page, rows, &self.context, |one| {
            vec![one.created_at.timestamp_micros().to_string(), one.id.uuid().to_string()]
        })
    }
}
