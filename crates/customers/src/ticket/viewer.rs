//! Whose tickets a caller may see: staff those of their store, customers and shoppers their own.
use kit::{
    Call,
    actor::{Actor, Kind},
    denied::Denied,
    ids::{CustomerId, RealmId, StoreId},
    permission::Permission,
    pool::Pool,
    transport::Transport,
};
use proto::identity::v1::{ListShopperStoresRequest, shopper_service_client::ShopperServiceClient};

use super::{Channel, Ticket};
use crate::{
    Error,
    customer::{Scope, store as customers},
};

/// A caller.
#[derive(Clone, Debug)]
pub enum Viewer {
    /// Staff, or an integration.
    Staff(Scope),
    /// A customer or shopper, by each record of theirs.
    Own(Channel, Vec<Own>),
}

/// A record of somebody's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// Only in this store; in all of the customer base without it.
    pub store: Option<StoreId>,
}

impl Viewer {
    /// Who calls. Whom a portal session is of, identity says, on the shopper's own behalf.
    pub async fn of(
        db: &Pool,
        shoppers: &ShopperServiceClient<Transport>,
        (call, needed): (&Call, Permission),
    ) -> Result<Self, Error> {
        let actor = call.actor()?;
        match actor.kind {
            Kind::Customer => Ok(Self::Own(Channel::Api, vec![own(db, actor).await?])),
            Kind::Shopper => {
                let known = shoppers.clone().list_shopper_stores(call.forward(ListShopperStoresRequest {})).await?;
                let own = known.into_inner().stores.into_iter().filter_map(|store| {
                    let (realm, customer) = (store.realm.parse().ok()?, store.customer.parse().ok()?);
                    Some(Own { realm, customer, store: Some(store.id.parse().ok()?) })
                });
                Ok(Self::Own(Channel::Portal, own.collect()))
            }
            Kind::Anonymous => Err(Denied::Unauthenticated.into()),
            Kind::Staff | Kind::ApiKey | Kind::System => {
                actor.require(needed)?;
                Ok(Self::Staff(Scope::of(actor)?))
            }
        }
    }

    /// Whether it is a member of the staff, who sees notes.
    #[must_use]
    pub const fn is_staff(&self) -> bool {
        matches!(self, Self::Staff(_))
    }

    /// The customer bases that are looked into.
    #[must_use]
    pub fn realms(&self) -> Vec<uuid::Uuid> {
        match self {
            Self::Staff(scope) => vec![scope.realm.uuid()],
            Self::Own(_, own) => own.iter().map(|own| own.realm.uuid()).collect(),
        }
    }

    /// Whether they may see `ticket`.
    #[must_use]
    pub fn sees(&self, ticket: &Ticket) -> bool {
        match self {
            Self::Staff(scope) => scope.realm == ticket.realm && scope.store.is_none_or(|store| store == ticket.store),
            Self::Own(_, own) => own.iter().any(|own| own.has(ticket)),
        }
    }
}

impl Own {
    fn has(&self, ticket: &Ticket) -> bool {
        self.realm == ticket.realm
            && self.customer == ticket.customer
            && self.store.is_none_or(|store| store == ticket.store)
    }
}

/// The record of the customer who calls, also when it has become another one since (CU-13). Guests have no tickets in a
/// shop front (ID-8); the portal has theirs.
async fn own(db: &Pool, actor: &Actor) -> Result<Own, Error> {
    let scope = Scope::of(actor)?;
    let known = customers::find(db, Scope::realm(scope.realm), actor.require_customer()?).await?;
    let known = known.ok_or(Error::CustomerNotFound)?.customer;
    if known.is_registered() {
        Ok(Own { realm: scope.realm, customer: known.id, store: scope.store })
    } else {
        Err(Error::RegistrationRequired)
    }
}
