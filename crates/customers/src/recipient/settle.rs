//! Settles whom somebody wants to write to, and counts them.
use chrono::{DateTime, Utc};
use kit::{actor::Actor, permission::Permission, pool::Pool};
use proto::{
    base::v1::{Filter as Tree, filter::Node},
    customers::v1 as pb,
};

use super::{
    list::{query, scope},
    recipient::Way,
};
use crate::{
    Error,
    customer::Scope,
    export::{all, condition},
    fields::Fields,
    list::{self, filter::Filter, reading::Reading},
    segment::{Saved, named::replaced},
};

/// The filter of a request with its segment.
#[must_use]
pub fn wanted(request: &pb::SettleRecipientsRequest) -> Option<Tree> {
    let mut trees: Vec<Tree> = request.filter.clone().into_iter().collect();
    if !request.segment.is_empty() {
        trees.push(condition("segment", "eq", &request.segment));
    }
    all(trees)
}

/// Whom somebody wants to write to.
#[derive(Debug)]
pub struct Settle {
    scope: Scope,
    tree: Tree,
    way: Way,
}

impl Settle {
    /// Reads a request of `actor` with the segments that it names, as a list of theirs would.
    pub fn parse(
        request: &pb::SettleRecipientsRequest,
        actor: &Actor,
        saved: &Saved,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        actor.require(Permission::CustomersRead)?;
        actor.require(Permission::MessagesWrite)?;
        let mut fields = Fields::default();
        let store = fields.id("/store", &request.store);
        let tree = wanted(request);
        if tree.is_none() {
            fields.fault("/filter", "required", "say to whom: a filter, a segment, or both");
        }
        fields.finish()?;
        let (Some(store), Some(tree)) = (store, tree) else { return Err(Error::CustomerNotFound) };
        if actor.store.is_some_and(|own| own != store) {
            return Err(kit::Error::invalid("/store", "other_store", "you work in another store").into());
        }
        Filter::parse(&tree, &Reading { pii: actor.sees_pii(), now, saved: Some(saved) })?;
        let way = Way::parse(&request.channel, request.marketing)?;
        Ok(Self { scope: scope(actor.realm()?, store), tree: replaced(&tree, saved), way })
    }
}

/// What the filter stands for, and how many it finds.
pub async fn settle(db: &Pool, input: Settle, now: DateTime<Utc>) -> Result<pb::SettledRecipients, Error> {
    let Settle { scope, tree, way } = input;
    let count = async |further: &[&Tree]| {
        let all: Vec<_> = [&tree].into_iter().chain(further.iter().copied()).collect();
        list::store::count_all(db, &query(scope, &all, now)?).await
    };
    let (active, away) = (condition("status", "eq", "active"), condition("status", "eq", "inactive"));
    let reached = |there: &str| condition(way.field(), "exists", there);
    let (found, inactive) = (count(&[]).await?, count(&[&away]).await?);
    let no_address = count(&[&active, &reached("false")]).await?;
    let disagrees = not(condition("consent", "eq", way.channel()));
    let no_consent = if way.marketing { count(&[&active, &reached("true"), &disagrees]).await? } else { 0 };
    Ok(pb::SettledRecipients { filter: Some(tree), found, inactive, no_address, no_consent })
}

fn not(tree: Tree) -> Tree {
    Tree { node: Some(Node::Not(Box::new(tree))) }
}
