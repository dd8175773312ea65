//! Whose subscriptions a caller sees and changes: staff those of their store or network, customers and shoppers their own.
use kit::{
    Call,
    actor::{Actor, Kind},
    permission::Permission,
    transport::Transport,
};
use proto::identity::v1::{ListShopperStoresRequest, shopper_service_client::ShopperServiceClient};
use uuid::Uuid;

use super::Subscription;
use crate::{
    error::Error,
    order::{grpc::scope, list::Scope, view::Sight},
};

/// All that a caller reaches, and how much they see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Any of these; none for a shopper who has bought nowhere.
    pub scopes: Vec<Scope>,
    /// How much.
    pub sight: Sight,
}

impl Reach {
    /// Of whoever sends `call`; staff need `needed`. Whom a portal session is of, identity says.
    pub async fn of(
        shoppers: &ShopperServiceClient<Transport>,
        (call, needed): (&Call, Permission),
    ) -> Result<Self, Error> {
        let actor = call.actor()?;
        let staff = actor.is_staff();
        let sight = Sight { clear: !staff || actor.sees_pii(), staff };
        Ok(Self { scopes: scopes(shoppers, call, (actor, needed)).await?, sight })
    }

    /// The customer bases that are looked into.
    #[must_use]
    pub fn realms(&self) -> Vec<Uuid> {
        self.scopes.iter().map(|scope| scope.realm.uuid()).collect()
    }

    /// Whether `of` is within.
    #[must_use]
    pub fn holds(&self, of: &Subscription) -> bool {
        self.scopes.iter().any(|scope| {
            scope.realm == of.realm
                && scope.store.is_none_or(|store| store == of.store)
                && scope.customer.is_none_or(|customer| customer == of.customer)
        })
    }
}

async fn scopes(
    shoppers: &ShopperServiceClient<Transport>,
    call: &Call,
    (actor, needed): (&Actor, Permission),
) -> Result<Vec<Scope>, Error> {
    match actor.kind {
        Kind::Staff | Kind::ApiKey => {
            actor.require(needed)?;
            Ok(vec![Scope { realm: actor.realm()?, store: actor.store, customer: None }])
        }
        Kind::Shopper => {
            let known = shoppers.clone().list_shopper_stores(call.forward(ListShopperStoresRequest {})).await?;
            let own = known.into_inner().stores.into_iter().filter_map(|store| {
                let (realm, customer) = (store.realm.parse().ok()?, store.customer.parse().ok()?);
                Some(Scope { realm, store: Some(store.id.parse().ok()?), customer: Some(customer) })
            });
            Ok(own.collect())
        }
        _ => Ok(vec![scope(actor)?]),
    }
}
