//! Gives a file another name or place (CA-1).
use kit::{
    Error as Kit, Tx,
    failure::Violation,
    ids::{ProductFileId, ProductId},
};
use proto::catalog::v1::ChangeProductFileRequest;

use super::{ProductFile, store, touch::Desk};
use crate::{Error, product::fields::text};

/// Changes to a file.
#[derive(Clone, Debug)]
pub struct Changes {
    product: ProductId,
    id: ProductFileId,
    name: Option<String>,
    /// 1 first.
    position: Option<usize>,
}

impl Changes {
    /// Reads a request, naming every fault.
    pub fn parse(request: ChangeProductFileRequest) -> Result<Self, Error> {
        let product = request.product.parse().map_err(|_| Error::ProductNotFound)?;
        let id = request.id.parse().map_err(|_| Error::FileNotFound)?;
        let mut faults = Vec::new();
        faults.extend(request.name.as_deref().and_then(|name| text("/name", name.trim(), 1, 200)));
        if request.position == Some(0) {
            faults.push(Violation::new("/position", "out_of_range", "the first place is 1"));
        }
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        let position = request.position.map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        Ok(Self { product, id, name: request.name, position })
    }
}

/// Changes the file; those between its old place and its new one move up or down.
pub async fn change_file(tx: &mut Tx, desk: &Desk<'_>, changes: Changes) -> Result<ProductFile, Error> {
    let product = desk.product(tx, changes.product).await?;
    let mut row = store::of_product(&mut **tx, desk.seller, product.id).await?;
    let before = row.iter().find(|file| file.id == changes.id).cloned().ok_or(Error::FileNotFound)?;
    let mut after = before.clone();
    if let Some(name) = &changes.name {
        after.name = files::renamed(&before.name, name);
    }
    row.retain(|file| file.role == before.role);
    if let Some(place) = changes.position {
        let from = row.iter().position(|file| file.id == before.id).unwrap_or_default();
        let moved = row.remove(from);
        row.insert((place - 1).min(row.len()), moved);
    }
    let ids: Vec<_> = row.iter().map(|file| file.id).collect();
    let place = ids.iter().position(|id| *id == before.id).unwrap_or_default() + 1;
    after.position = i32::try_from(place).unwrap_or(i32::MAX);
    if after == before {
        return Ok(before);
    }
    after.updated_at = desk.now;
    store::update(&mut **tx, &after).await?;
    store::order(&mut **tx, desk.seller, &ids).await?;
    desk.touch(tx, product, (Some(&before), Some(&after))).await?;
    Ok(after)
}
