//! Library all access (CU-12): who has it has every digital product that is sold in their customer base, whatever they
//! bought. Nothing is written down for it: customers is asked each time, so that it is over with the flag.
use kit::{
    Call,
    ids::{NetworkId, ProductId, RealmId, StoreId},
    stores::Stores,
    transport::Transport,
};
use proto::customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient};
use tonic::Code;

use super::{Item, entry::Terms, goods::Goods, whose::Record};
use crate::error::Error;

/// Knows who has access to everything, and what everything is.
#[derive(Clone)]
pub struct Access {
    /// Who customers are.
    pub customers: CustomerServiceClient<Transport>,
    /// What is sold.
    pub goods: Goods,
    /// Which stores a customer base has.
    pub stores: Stores,
}

impl Access {
    /// Whether `record` has it. Whoever is not there any more has nothing.
    async fn is_open(&self, call: &Call, record: &Record) -> Result<bool, Error> {
        let request = call.trace(GetCustomerRequest { id: record.customer.into() });
        match self.customers.clone().get_customer(request).await {
            Ok(known) => Ok(known.into_inner().library_all),
            Err(status) if status.code() == Code::NotFound => Ok(false),
            Err(status) => Err(status.into()),
        }
    }

    /// The stores whose products `record` is about.
    async fn sellers(&self, record: &Record) -> Result<Vec<StoreId>, Error> {
        match record.store {
            Some(store) => Ok(vec![store]),
            None => self.stores_of(record.realm).await,
        }
    }

    /// The stores of a customer base: those of its network, or the one that is its own.
    async fn stores_of(&self, realm: RealmId) -> Result<Vec<StoreId>, Error> {
        let network: String = NetworkId::from_uuid(realm.uuid()).into();
        let members = self.stores.members(&network).await?;
        Ok(if members.is_empty() { vec![StoreId::from_uuid(realm.uuid())] } else { members.to_vec() })
    }

    /// Opens `items`, the library of `record`, to everything there is, if they have access to that.
    pub async fn open(&self, call: &Call, record: &Record, items: Vec<Item>) -> Result<Vec<Item>, Error> {
        if !self.is_open(call, record).await? {
            return Ok(items);
        }
        let all = self.goods.digital(call, &self.sellers(record).await?).await?;
        Ok(opened(items, all))
    }

    /// `product`, which is not in the library of `record` otherwise, or not any more, as an item of it; none for who has no
    /// access to everything, or where it is not sold. `item` is what is known of it.
    pub async fn item(
        &self,
        call: &Call,
        (record, product): (&Record, ProductId),
        item: Option<Item>,
    ) -> Result<Option<Item>, Error> {
        if !self.is_open(call, record).await? {
            return Ok(None);
        }
        let sellers = self.sellers(record).await?;
        let known = self.goods.describe(Some(call), sellers.into_iter().map(|store| (store, product))).await?;
        let sold = known.get(&product).filter(|known| known.kind == "digital" && known.active);
        let store = sold.and_then(|known| known.store.parse().ok());
        Ok(store.map(|store| Item { access: true, ..item.unwrap_or_else(|| bare(store, product)) }))
    }
}

/// `items` with access to `all`, which are sold: what somebody had and has no more is open again.
fn opened(mut items: Vec<Item>, mut all: Vec<(StoreId, ProductId)>) -> Vec<Item> {
    for item in &mut items {
        let before = all.len();
        all.retain(|(_, product)| *product != item.product);
        item.access = all.len() < before;
    }
    items.extend(all.into_iter().map(|(store, product)| Item { access: true, ..bare(store, product) }));
    items
}

fn bare(store: StoreId, product: ProductId) -> Item {
    Item { product, store, name: String::new(), grounds: Vec::new(), terms: Terms::default(), access: false }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;
    use crate::library::library::State;

    fn product(n: u128) -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(n))
    }

    /// CU-12: everything that is sold is there, whatever became of what was had before; what is not sold stays as it is.
    #[test]
    fn everything_that_is_sold_is_there() {
        let (store, now) = (StoreId::from_uuid(Uuid::nil()), DateTime::UNIX_EPOCH);
        let over = Terms { until: Some(now - TimeDelta::days(1)), downloads: Some(3), ..Terms::default() };
        let expired = Item { terms: over, ..bare(store, product(1)) };
        let unsold = bare(store, product(2));
        let items = opened(vec![expired, unsold], vec![(store, product(1)), (store, product(3))]);
        let seen: Vec<_> = items.iter().map(|item| (item.product, item.state(now), item.terms.downloads)).collect();
        let expected = [
            (product(1), State::Active, Some(3)),
            (product(2), State::Refunded, None),
            (product(3), State::Active, None),
        ];
        assert_eq!(seen, expected);
        assert!(items.iter().all(|item| item.since().is_none()));
    }
}
