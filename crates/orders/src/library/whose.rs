//! Whose library a caller may see: customers and shoppers their own, staff those of their customers.
use kit::{
    Call, Db,
    actor::Kind,
    denied::Denied,
    ids::{CustomerId, RealmId, StoreId},
    permission::Permission,
    transport::Transport,
};
use proto::{
    customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient},
    identity::v1::{ListShopperStoresRequest, shopper_service_client::ShopperServiceClient},
};

use super::store;
use crate::error::Error;

/// Knows who is who.
#[derive(Clone)]
pub struct People {
    /// The database.
    pub db: Db,
    /// Who customers are.
    pub customers: CustomerServiceClient<Transport>,
    /// Where shoppers have bought.
    pub shoppers: ShopperServiceClient<Transport>,
}

/// A record that may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// Only what this store sold; all without it.
    pub store: Option<StoreId>,
}

/// What may be looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The records.
    pub records: Vec<Record>,
    /// Whether it is staff who looks.
    pub staff: bool,
}

impl People {
    /// The record `id`, or one's own ones where it is empty.
    pub async fn seen(&self, call: &Call, id: &str) -> Result<Seen, Error> {
        let actor = call.actor()?;
        match actor.kind {
            Kind::Customer => {
                let (realm, own) = (actor.realm()?, actor.require_customer()?);
                let kept = store::kept(self.db.pool(), realm, own).await?;
                let named = id.parse::<CustomerId>().is_ok_and(|id| id == own || id == kept);
                if !id.is_empty() && !named {
                    return Err(Error::CustomerNotFound);
                }
                Ok(Seen { records: vec![Record { realm, customer: kept, store: None }], staff: false })
            }
            Kind::Shopper if id.is_empty() => {
                let stores =
                    self.shoppers.clone().list_shopper_stores(call.forward(ListShopperStoresRequest {})).await?;
                let mut records = Vec::new();
                for store in stores.into_inner().stores {
                    let (Ok(realm), Ok(customer), Ok(id)) =
                        (store.realm.parse(), store.customer.parse(), store.id.parse())
                    else {
                        continue;
                    };
                    let customer = store::kept(self.db.pool(), realm, customer).await?;
                    records.push(Record { realm, customer, store: Some(id) });
                }
                Ok(Seen { records, staff: false })
            }
            Kind::Staff | Kind::ApiKey => Ok(Seen { records: vec![self.customer(call, id).await?], staff: true }),
            Kind::Shopper | Kind::System => Err(Denied::WrongCaller.into()),
            Kind::Anonymous => Err(Denied::Unauthenticated.into()),
        }
    }

    /// The customer `id`, whom staff know.
    pub async fn customer(&self, call: &Call, id: &str) -> Result<Record, Error> {
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let request = call.forward(GetCustomerRequest { id: id.to_owned() });
        let known = self.customers.clone().get_customer(request).await?.into_inner();
        let customer = known.id.parse().map_err(|_| Error::CustomerNotFound)?;
        let realm = actor.realm()?;
        let store = actor.store.filter(|store| store.uuid() != realm.uuid());
        Ok(Record { realm, customer: store::kept(self.db.pool(), realm, customer).await?, store })
    }
}
