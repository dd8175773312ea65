//! Hands in a file to be sold, or an image to be shown (CA-1).
use bytes::Bytes;
use chrono::{DateTime, Utc};
use files::{Files, Goods};
use kit::{
    Db, Error as Kit, Tx,
    failure::Violation,
    ids::{ProductFileId, ProductId, StoreId},
    secret::sha256,
};
use uuid::Uuid;

use super::{
    ProductFile, Role,
    product_file::{LARGEST, LOOSE, ROOM, place},
    store,
    touch::Desk,
};
use crate::{
    Error,
    product::product::{Kind, Package},
};

/// Bytes that were handed in.
#[derive(Debug)]
pub struct NewBytes {
    goods: Goods,
    data: Bytes,
    now: DateTime<Utc>,
}

/// Bytes that lie where they belong to nobody yet.
#[derive(Debug)]
pub struct Kept {
    pub(super) goods: Goods,
    pub(super) size: i64,
    pub(super) digest: Vec<u8>,
    pub(super) bytes: Uuid,
}

impl NewBytes {
    /// Reads what was handed in as `name` at `now`.
    pub fn parse(name: &str, data: Bytes, now: DateTime<Utc>) -> Result<Self, Error> {
        if data.is_empty() {
            return Err(Kit::from(Violation::new("/file", "required", "this file is empty")).into());
        }
        if data.len() > LARGEST {
            return Err(Kit::from(Violation::new("/file", "too_long", "at most 25 MiB")).into());
        }
        Ok(Self { goods: Goods::of(&data, name), data, now })
    }

    /// Passes when these can be of `role`.
    pub fn suit(&self, role: Role) -> Result<(), Error> {
        if role == Role::Image && !self.goods.is_picture() { Err(Error::FileTypeRefused) } else { Ok(()) }
    }

    /// Writes them where they belong to nobody; they go by themselves unless something takes them over.
    pub async fn keep(self, db: &Db, files: &Files, seller: StoreId) -> Result<Kept, Error> {
        let bytes = ProductFileId::new(self.now).uuid();
        let mut tx = db.begin_own().await?;
        store::loosen(&mut tx, seller, &[bytes], self.now + LOOSE).await?;
        tx.commit().await?;
        let storage = |error: files::FileError| Error::Kit(Kit::Internal(error.to_string()));
        let mut upload = files.begin(&place(seller, bytes)).map_err(storage)?;
        upload.add(&self.data).await.map_err(storage)?;
        let size = upload.end().await.map_err(storage)?;
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        Ok(Kept { goods: self.goods, size, digest: sha256(&self.data).to_vec(), bytes })
    }
}

/// Adds the file as the last one of its role.
pub async fn add_file(
    tx: &mut Tx,
    desk: &Desk<'_>,
    (id, role): (ProductId, Role),
    kept: Kept,
) -> Result<ProductFile, Error> {
    let product = desk.product(tx, id).await?;
    if role == Role::File && !matches!(product.details.kind, Kind::Digital(Package::File | Package::Combo)) {
        return Err(Error::FileNotAllowed);
    }
    let there = store::of_product(&mut **tx, desk.seller, id).await?;
    let last = there.iter().filter(|file| file.role == role).map(|file| file.position).max().unwrap_or_default();
    let count = there.iter().filter(|file| file.role == role).count();
    if count >= role.most() || (role == Role::Image && product.details.images.len() >= role.most()) {
        return Err(Error::TooMany(role.most()));
    }
    take(tx, desk, &kept).await?;
    let file = ProductFile {
        store: desk.seller,
        id: ProductFileId::new(desk.now),
        product: id,
        role,
        position: last + 1,
        name: kept.goods.name,
        media_type: kept.goods.media_type.to_owned(),
        size: kept.size,
        digest: kept.digest,
        bytes: kept.bytes,
        created_at: desk.now,
        updated_at: desk.now,
    };
    store::insert(&mut **tx, &file).await?;
    desk.touch(tx, product, (None, Some(&file))).await?;
    Ok(file)
}

/// Takes bytes over, if the store has room for them. Of those who do so at once, each sees the others'.
pub(super) async fn take(tx: &mut Tx, desk: &Desk<'_>, kept: &Kept) -> Result<(), Error> {
    if store::room(tx, desk.seller).await? + kept.size > ROOM {
        return Err(Error::FilesFull);
    }
    if store::take(&mut **tx, desk.seller, kept.bytes).await? {
        Ok(())
    } else {
        Err(Kit::Internal("a file took too long".to_owned()).into())
    }
}
