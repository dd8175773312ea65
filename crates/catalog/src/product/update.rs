//! Changes a product.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{ProductId, RealmId, StoreId},
    outbox,
};
use proto::catalog::v1 as pb;

use super::{
    contents::check_contents,
    product::{Details, Product},
    store,
};
use crate::Error;

/// Changes to a product; an absent field stays.
#[derive(Debug)]
pub struct UpdateProduct {
    /// Which product.
    pub id: ProductId,
    /// Whose it must be.
    pub seller: StoreId,
    /// The store's customer base.
    pub realm: RealmId,
    /// What to change.
    pub changes: pb::UpdateProductRequest,
    /// When.
    pub now: DateTime<Utc>,
}

/// Changes the product if it is at the version that the caller of `call` expects.
pub async fn update_product(tx: &mut Tx, call: &Call, input: UpdateProduct) -> Result<Product, Error> {
    let mut product = store::lock(&mut **tx, input.seller, input.id).await?.ok_or(Error::ProductNotFound)?;
    call.check_version(product.version)?;
    let before = product.details.clone();
    let faults = product.apply(input.changes, input.now)?;
    if !faults.is_empty() {
        return Err(Error::faults(faults));
    }
    if product.details == before {
        return Ok(product); // a version that changed would say that something did
    }
    save_changes(tx, call, (&mut product, &before), (input.realm, input.now)).await?;
    Ok(product)
}

/// Writes what became of a locked product that was `before`, tells of it and records it.
pub(super) async fn save_changes(
    tx: &mut Tx,
    call: &Call,
    (product, before): (&mut Product, &Details),
    (realm, now): (RealmId, DateTime<Utc>),
) -> Result<(), Error> {
    if product.details.contents != before.contents {
        check_contents(tx, product).await?;
    }
    product.version += 1;
    product.updated_at = now;
    store::update(&mut **tx, product).await?;
    outbox::publish(tx, &product.changed(realm));
    let entry = Entry::new("product.updated", ("product", product.id), now);
    Ok(audit::record(tx, call, entry.changed(before.told(product.currency), product.details.told(product.currency)))?)
}
