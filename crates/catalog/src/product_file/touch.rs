//! What every change of a product's files does to the product.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{ProductId, RealmId, StoreId},
    outbox,
};

use super::{ProductFile, Role};
use crate::{
    Error,
    product::{product::Product, store as products},
};

/// Whose files are changed, by whom and when.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// Who sells.
    pub seller: StoreId,
    /// The store's customer base.
    pub realm: RealmId,
    /// The call.
    pub call: &'a Call,
    /// Address of the house.
    pub public: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Desk<'_> {
    /// The product, held, if it is at the version that the caller expects.
    pub async fn product(&self, tx: &mut Tx, id: ProductId) -> Result<Product, Error> {
        let product = products::lock(&mut **tx, self.seller, id).await?.ok_or(Error::ProductNotFound)?;
        self.call.check_version(product.version)?;
        Ok(product)
    }

    /// Writes that a file of `product` changed: what it was and what it is, if any. An image stands among the addresses
    /// of the product's images as long as it is there.
    pub async fn touch(
        &self,
        tx: &mut Tx,
        mut product: Product,
        (before, after): (Option<&ProductFile>, Option<&ProductFile>),
    ) -> Result<(), Error> {
        let address =
            |file: Option<&ProductFile>| file.filter(|file| file.role == Role::Image).map(|file| file.url(self.public));
        let images = &mut product.details.images;
        match (address(before), address(after)) {
            (None, Some(new)) => images.push(new),
            (Some(old), Some(new)) => {
                images.iter_mut().filter(|image| **image == old).for_each(|image| new.clone_into(image));
            }
            (Some(old), None) => images.retain(|image| *image != old),
            (None, None) => {}
        }
        product.version += 1;
        product.updated_at = self.now;
        products::update(&mut **tx, &product).await?;
        outbox::publish(tx, &product.changed(self.realm));
        let about = |what| Entry::new(what, ("product", product.id), self.now);
        let entry = match (before.map(ProductFile::audited), after.map(ProductFile::audited)) {
            (None, Some(after)) => about("product.file_added").created(after),
            (Some(before), Some(after)) => about("product.file_changed").changed(before, after),
            (Some(before), None) => about("product.file_removed").removed(before),
            (None, None) => return Ok(()),
        };
        Ok(audit::record(tx, self.call, entry)?)
    }
}
