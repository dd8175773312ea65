//! Makes one library anew: its ledger is compared with the orders, and what differs is put right (OR-8).
use std::collections::HashMap;

use kit::{
    Db, Tx,
    clock::Clock,
    ids::{CustomerId, ProductId, RealmId, StoreId},
    outbox,
};

use super::{
    What,
    goods::{Goods, Inside},
    history::{bought, paid, unknown},
    repair::{Whose, repair},
    store,
    told::told,
};
use crate::error::Error;

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// What was missing and is there again.
    pub restored: u32,
    /// What was wrong and is right.
    pub corrected: u32,
}

impl Repaired {
    /// Whether there was anything.
    #[must_use]
    pub const fn is_any(self) -> bool {
        self.restored + self.corrected > 0
    }
}

/// Whose library, by whose orders.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// Only what this store sold; all without it.
    pub store: Option<StoreId>,
}

/// What was inside of products that were bought before anybody wrote it down: the catalog is asked, outside of any
/// transaction.
pub async fn look_up(db: &Db, goods: &Goods, which: Which) -> Result<HashMap<ProductId, Vec<Inside>>, Error> {
    let unknown = unknown(&paid(db.pool(), (which.realm, which.customer), which.store).await?);
    if unknown.is_empty() { Ok(HashMap::new()) } else { goods.inside(None, &unknown).await }
}

/// Puts the ledger right. Nobody else moves money of these orders, or enters anything, until the transaction ends.
pub(crate) async fn rebuild(
    tx: &mut Tx,
    which: Which,
    inside: &HashMap<ProductId, Vec<Inside>>,
    clock: &Clock,
) -> Result<Repaired, Error> {
    store::hold(tx, which.customer).await?;
    let whose = (which.realm, which.customer);
    let mut ledger = store::of_customer(&mut **tx, which.realm, which.customer).await?;
    ledger.retain(|entry| which.store.is_none_or(|store| store == entry.store));
    let history = bought(paid(&mut **tx, whose, which.store).await?, inside);
    let mut repaired = Repaired::default();
    let mut told_of: HashMap<StoreId, Vec<ProductId>> = HashMap::new();
    for entry in repair(Whose { realm: which.realm, customer: which.customer }, &ledger, &history) {
        match entry.what {
            What::Purchase => repaired.restored += 1,
            _ => repaired.corrected += 1,
        }
        if store::enter(tx, &entry).await? {
            told_of.entry(entry.store).or_default().push(entry.product);
        }
    }
    for (store, mut products) in told_of {
        products.sort_unstable();
        products.dedup();
        let whose = (which.realm, store, which.customer);
        outbox::publish(tx, &told(whose, (What::Correction, None), &products, clock.now()));
    }
    Ok(repaired)
}
