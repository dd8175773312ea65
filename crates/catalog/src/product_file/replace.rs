//! Puts other bytes into the place of a file's: buyers read these from now on (CA-1).
use kit::{
    Tx,
    ids::{ProductFileId, ProductId},
};

use super::{
    ProductFile, Role,
    add::{Kept, take},
    product_file::LOOSE,
    store,
    touch::Desk,
};
use crate::Error;

/// Gives the file `id` of `product` what was handed in.
pub async fn replace_file(
    tx: &mut Tx,
    desk: &Desk<'_>,
    (product, id): (ProductId, ProductFileId),
    kept: Kept,
) -> Result<ProductFile, Error> {
    let product = desk.product(tx, product).await?;
    let before = store::find(&mut **tx, desk.seller, (product.id, id)).await?.ok_or(Error::FileNotFound)?;
    if before.role == Role::Image && !kept.goods.is_picture() {
        return Err(Error::FileTypeRefused);
    }
    store::loosen(tx, desk.seller, &[before.bytes], desk.now + LOOSE).await?;
    take(tx, desk, &kept).await?;
    let after = ProductFile {
        name: kept.goods.name,
        media_type: kept.goods.media_type.to_owned(),
        size: kept.size,
        digest: kept.digest,
        bytes: kept.bytes,
        updated_at: desk.now,
        ..before.clone()
    };
    store::update(&mut **tx, &after).await?;
    desk.touch(tx, product, (Some(&before), Some(&after))).await?;
    Ok(after)
}
