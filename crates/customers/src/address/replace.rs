//! Puts another address in place of one (CU-9).
use kit::{Call, Tx, audit::Entry, ids::AddressId};

use super::{
    SavedAddress,
    add::{Owner, settle, told},
    address::Given,
    store,
};
use crate::{Error, key::Keys};

/// The address as it is since.
pub async fn replace_address(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    owner: Owner,
    (id, given): (AddressId, Given),
) -> Result<SavedAddress, Error> {
    let (customer, addresses) = owner.lock(tx, call).await?;
    let mut address = addresses.into_iter().find(|address| address.id == id).ok_or(Error::AddressNotFound)?;
    call.check_version(address.version)?;
    let before = told(&address);
    if address.replace(given, owner.now)? {
        store::save(tx, &address).await?;
        let entry = Entry::new("address.updated", ("address", id), owner.now).changed(before, told(&address));
        settle(tx, (call, keys), (customer, owner.now), entry).await?;
    }
    Ok(address)
}
