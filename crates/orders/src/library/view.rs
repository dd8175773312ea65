//! Libraries as callers see them.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Call,
    clock::timestamp,
    ids::{LibraryItemId, OrderId, ProductId},
    personal::redact,
};
use proto::{catalog::v1::ProductDescription, orders::v1 as pb};

use super::{
    Item,
    access::Access,
    goods::Goods,
    library::{Ground, State, library},
    store,
    whose::{Record, Seen},
};
use crate::{error::Error, gift};

/// How what somebody has by access to everything came (CU-12).
const ACCESS: &str = "access";

/// How much is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What staff keep for themselves, and what is no longer there.
    pub staff: bool,
    /// What says who somebody is.
    pub clear: bool,
}

/// The item `id` of a record, if it was ever there.
#[must_use]
pub fn pick(items: Vec<Item>, id: &str) -> Option<Item> {
    let id: LibraryItemId = id.parse().ok()?;
    items.into_iter().find(|item| item.product.uuid() == id.uuid())
}

/// The items of `record` that it may look at.
#[must_use]
pub fn items(record: &Record, entries: &[super::Entry]) -> Vec<Item> {
    let mut items = library(entries);
    items.retain(|item| record.store.is_none_or(|store| store == item.store));
    items
}

/// What is seen of the libraries of `seen`: what came last first.
pub async fn list(
    (seen, clear): (&Seen, bool),
    db: &kit::Db,
    (goods, access, call): (&Goods, &Access, &Call),
    now: DateTime<Utc>,
) -> Result<Vec<pb::LibraryItem>, Error> {
    let sight = Sight { staff: seen.staff, clear };
    let mut found = Vec::new();
    for record in &seen.records {
        let entries = store::of_customer(db.pool(), record.realm, record.customer).await?;
        let there = |item: &Item| sight.staff || matches!(item.state(now), State::Active | State::Expired);
        let own = items(record, &entries);
        // A library is there also while nobody can say who has access to everything.
        let all = access.open(call, record, own.clone()).await.unwrap_or_else(|error| {
            tracing::warn!(error.detail = ?error, "a library is shown without access to everything");
            own
        });
        found.extend(all.into_iter().filter(there).map(|item| (*record, item)));
    }
    found.sort_by_key(|(_, item)| std::cmp::Reverse(item.since()));
    // A library is there also while the catalog is not: by what its products were called.
    let known = goods.describe(Some(call), found.iter().map(|(_, item)| (item.store, item.product))).await;
    let known = known.unwrap_or_else(|error| {
        tracing::warn!(error.detail = ?error, "a library is shown without what the catalog says");
        HashMap::new()
    });
    let grounds = found.iter().flat_map(|(_, item)| &item.grounds).filter(|ground| ground.giver.is_some());
    let orders: Vec<_> = grounds.filter_map(|ground| ground.bought.map(|(order, _)| order)).collect();
    let realms: Vec<_> = seen.records.iter().map(|record| record.realm).collect();
    let givers = gift::store::givers(db.pool(), &realms, &orders).await?;
    let show = |(record, item): (Record, Item)| show((&record, item), (&known, &givers), sight, now);
    Ok(found.into_iter().map(show).collect())
}

/// `item` as `sight` has it.
#[must_use]
pub(crate) fn show(
    (record, item): (&Record, Item),
    (known, givers): (&HashMap<ProductId, ProductDescription>, &HashMap<OrderId, String>),
    sight: Sight,
    now: DateTime<Utc>,
) -> pb::LibraryItem {
    let description = known.get(&item.product).cloned().unwrap_or_default();
    let counting: Vec<&Ground> = item.grounds.iter().filter(|ground| ground.counts()).collect();
    let last = item.grounds.last().filter(|_| !item.access);
    let source = counting.first().copied().or(last).map(|ground| ground.source.slug());
    let mut grounds: Vec<_> =
        counting.iter().map(|ground| ground_of((item.product, ground), givers, sight.staff)).collect();
    grounds.extend(item.access.then(by_access));
    let shown = pb::LibraryItem {
        id: LibraryItemId::from_uuid(item.product.uuid()).into(),
        customer: record.customer.into(),
        product: item.product.into(),
        store: item.store.into(),
        state: item.state(now).slug().to_owned(),
        source: source.unwrap_or(if item.access { ACCESS } else { "" }).to_owned(),
        grounds,
        download_limit: item.terms.downloads.unwrap_or(description.download_limit),
        has_own_limit: item.terms.downloads.is_some(),
        until: item.terms.until.filter(|_| !item.access).map(timestamp),
        since: item.since().map(timestamp),
        note: if sight.staff { item.terms.note } else { String::new() },
        name: if description.name.is_empty() { item.name } else { description.name },
        description: description.description,
        image: description.image,
        package: description.package,
        files: description.files,
        redacted: Vec::new(),
    };
    if sight.clear { shown } else { redact(shown) }
}

/// Access to everything, as a way in which something came.
fn by_access() -> pb::LibraryGround {
    pb::LibraryGround { source: ACCESS.to_owned(), units: 1, ..pb::LibraryGround::default() }
}

/// Of a gift, whose order it came by is for staff to know: its customer hears no more than a first name.
fn ground_of(
    (product, ground): (ProductId, &Ground),
    givers: &HashMap<OrderId, String>,
    staff: bool,
) -> pb::LibraryGround {
    let bought = ground.bought.filter(|_| staff || ground.giver.is_none());
    let giver = ground.bought.filter(|_| ground.giver.is_some()).and_then(|(order, _)| givers.get(&order));
    pb::LibraryGround {
        source: ground.source.slug().to_owned(),
        order: bought.map(|(order, _)| order.into()).unwrap_or_default(),
        line: bought.map(|(_, line)| line.into()).unwrap_or_default(),
        giver: ground.giver.filter(|_| staff).map(String::from).unwrap_or_default(),
        giver_name: giver.cloned().unwrap_or_default(),
        inside: if ground.root == product { String::new() } else { ground.root.into() },
        units: ground.units.saturating_sub(ground.back),
        at: Some(timestamp(ground.at)),
        reason: if staff { ground.reason.clone() } else { String::new() },
    }
}
