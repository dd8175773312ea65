//! Takes a file or an image away (CA-1). Whoever reads it at this moment reads it to its end.
use kit::{
    Tx,
    ids::{ProductFileId, ProductId},
};

use super::{product_file::LOOSE, store, touch::Desk};
use crate::Error;

/// Takes the file `id` of `product` away.
pub async fn remove_file(tx: &mut Tx, desk: &Desk<'_>, (product, id): (ProductId, ProductFileId)) -> Result<(), Error> {
    let product = desk.product(tx, product).await?;
    let file = store::find(&mut **tx, desk.seller, (product.id, id)).await?.ok_or(Error::FileNotFound)?;
    store::loosen(tx, desk.seller, &[file.bytes], desk.now + LOOSE).await?;
    store::delete(&mut **tx, desk.seller, id).await?;
    desk.touch(tx, product, (Some(&file), None)).await
}
