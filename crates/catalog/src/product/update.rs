//! Changes a product.
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as KitError, Tx,
    audit::{self, Entry},
    ids::{ProductId, StoreId},
};
use proto::catalog::v1 as pb;

use super::{create::price, product::Product, store};
use crate::Error;

/// Changes to a product; an absent field stays.
#[derive(Debug)]
pub struct UpdateProduct {
    /// Which product.
    pub id: ProductId,
    /// Whose it must be.
    pub seller: StoreId,
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
    let details = &mut product.details;
    let changes = input.changes;
    if let Some(name) = changes.name {
        name.trim().clone_into(&mut details.name);
    }
    if let Some(description) = changes.description {
        details.description = description;
    }
    if let Some(active) = changes.active {
        details.active = active;
    }
    if changes.price.is_some() {
        details.price = price(changes.price.as_ref(), details.price.currency)??;
    }
    let violations = details.violations();
    if !violations.is_empty() {
        return Err(KitError::Invalid(violations).into());
    }
    if product.details == before {
        return Ok(product); // a version that changed would say that something did
    }
    product.version += 1;
    product.updated_at = input.now;
    store::update(&mut **tx, &product).await?;
    let entry = Entry::new("product.updated", ("product", product.id), input.now);
    audit::record(tx, call, entry.changed(before.told(), product.details.told()))?;
    Ok(product)
}
