//! What pricing a cart takes to know of stores beside their products (CA-11): ways to ship and tax rates, with one version.
pub mod grpc;
pub mod store;

use kit::{
    Db, Tx,
    actor::Actor,
    clock::Clock,
    ids::StoreId,
    money::{self, Currency},
    permission::Permission,
    stores::Stores,
};

use crate::Error;

/// The server of the RPCs about ways to ship, tax rates and tariffs.
#[derive(Clone)]
pub struct Desk {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) stores: Stores,
}

impl Desk {
    /// The store that `actor` works in, if they have `permission`.
    pub(crate) fn place(actor: &Actor, permission: Permission) -> Result<StoreId, Error> {
        actor.require(permission)?;
        Ok(actor.store()?)
    }

    /// What `store` sells in.
    pub(crate) async fn currency(&self, store: StoreId) -> Result<Currency, Error> {
        let code = &self.stores.get(store).await?.currency;
        Ok(money::currency(code).map_err(|_| kit::Error::Internal(format!("{store} sells in {code:?}")))?)
    }
}

/// Begins a change of the store's tariff: raises its version, and lets nobody else change it until the transaction ends.
pub(crate) async fn change_tariff(tx: &mut Tx, seller: StoreId) -> Result<(), Error> {
    store::raise(&mut **tx, seller).await
}
