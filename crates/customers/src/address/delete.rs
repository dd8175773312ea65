//! Deletes an address (CU-9).
use kit::{Call, Tx, audit::Entry, ids::AddressId};

use super::{
    SavedAddress,
    add::{Owner, settle, told},
    store,
};
use crate::{Error, key::Keys};

/// The address that is no more. The newest of those left becomes the default that it was.
pub async fn delete_address(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    owner: Owner,
    id: AddressId,
) -> Result<SavedAddress, Error> {
    let (mut customer, addresses) = owner.lock(tx, call).await?;
    let (gone, mut left): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.id == id);
    let gone = gone.into_iter().next().ok_or(Error::AddressNotFound)?;
    call.check_version(gone.version)?;
    store::delete(tx, gone.realm, id).await?;
    left.sort_by_key(|address| (address.updated_at, address.id));
    if let Some(mut heir) = left.pop()
        && (gone.default_billing || gone.default_shipping)
    {
        heir.default_billing |= gone.default_billing;
        heir.default_shipping |= gone.default_shipping;
        heir.version += 1;
        store::save(tx, &heir).await?;
    } else if gone.default_shipping {
        customer.address = None; // it was the last one, and what is deleted is shown nowhere
    }
    let entry = Entry::new("address.deleted", ("address", id), owner.now).removed(told(&gone));
    settle(tx, (call, keys), (customer, owner.now), entry).await?;
    Ok(gone)
}
