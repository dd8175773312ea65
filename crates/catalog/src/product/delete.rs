//! Deletes a product that was never sold; one that was is history and can only become inactive (CA-1).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{ProductId, RealmId, StoreId},
    outbox,
};

use super::store;
use crate::{
    Error,
    product_file::{product_file::LOOSE, store as files},
};

/// A product to delete.
#[derive(Clone, Copy, Debug)]
pub struct DeleteProduct {
    /// Which product.
    pub id: ProductId,
    /// Whose it must be.
    pub seller: StoreId,
    /// The store's customer base.
    pub realm: RealmId,
    /// When.
    pub now: DateTime<Utc>,
}

/// Deletes the product if it is at the version that the caller of `call` expects. Orders keep what they sold by themselves:
/// one that is being placed at this moment is none the worse.
pub async fn delete_product(tx: &mut Tx, call: &Call, input: DeleteProduct) -> Result<(), Error> {
    let product = store::lock(&mut **tx, input.seller, input.id).await?.ok_or(Error::ProductNotFound)?;
    call.check_version(product.version)?;
    if product.sold {
        return Err(Error::ProductSold);
    }
    store::hold_contents(&mut **tx, input.seller).await?;
    if !store::holders(&mut **tx, input.seller, &[input.id]).await?.is_empty() {
        return Err(Error::ProductContained);
    }
    let bytes: Vec<_> =
        files::of_product(&mut **tx, input.seller, input.id).await?.iter().map(|file| file.bytes).collect();
    files::loosen(tx, input.seller, &bytes, input.now + LOOSE).await?;
    store::delete(&mut **tx, input.seller, input.id).await?;
    outbox::publish(tx, &product.deleted(input.realm, input.now));
    let entry = Entry::new("product.deleted", ("product", product.id), input.now);
    Ok(audit::record(tx, call, entry.removed(product.details.told(product.currency)))?)
}
