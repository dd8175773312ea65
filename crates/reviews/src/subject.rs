//! What is reviewed: a product or a store, and whether it is there for the caller.
use std::{fmt, str::FromStr};

use kit::{
    Call, Error as KitError,
    actor::Actor,
    failure::{Code, Failure},
    ids::{ProductId, StoreId},
    stores::Stores,
    transport::Transport,
};
use proto::{
    catalog::v1::{GetProductRequest, product_service_client::ProductServiceClient},
    identity::v1::{GetNetworkRequest, network_service_client::NetworkServiceClient},
};
use uuid::Uuid;

use crate::error::Error;

/// Kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum SubjectKind {
    /// A product.
    Product,
    /// A store.
    Store,
}

impl SubjectKind {
    /// As it is stored.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Store => "store",
        }
    }
}

/// What is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A product.
    Product(ProductId),
    /// A store.
    Store(StoreId),
}

impl Subject {
    /// A subject as it is stored.
    #[must_use]
    pub fn new(kind: SubjectKind, id: Uuid) -> Self {
        match kind {
            SubjectKind::Product => Self::Product(ProductId::from_uuid(id)),
            SubjectKind::Store => Self::Store(StoreId::from_uuid(id)),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> SubjectKind {
        match self {
            Self::Product(_) => SubjectKind::Product,
            Self::Store(_) => SubjectKind::Store,
        }
    }

    /// Its id without the prefix.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Product(id) => id.uuid(),
            Self::Store(id) => id.uuid(),
        }
    }
}

impl FromStr for Subject {
    type Err = kit::ids::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Store).or_else(|_| text.parse().map(Self::Product))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(id) => id.fmt(f),
            Self::Store(id) => id.fmt(f),
        }
    }
}

/// Looks subjects up where they live.
#[derive(Clone)]
pub struct Subjects {
    /// The catalog's products.
    pub products: ProductServiceClient<Transport>,
    /// Stores and the members of networks.
    pub stores: Stores,
    /// Whether a network has reviews across its stores.
    pub networks: NetworkServiceClient<Transport>,
}

impl Subjects {
    /// The store of `subject`, when `actor` may review it: one of their own store, or of another member of their network
    /// where the network allows that (RE-7).
    pub async fn store_of(&self, subject: Subject, actor: &Actor, call: &Call) -> Result<StoreId, Error> {
        let store = match subject {
            Subject::Store(store) => store,
            Subject::Product(product) => self.seller(product, call).await?,
        };
        if actor.store == Some(store) {
            return Ok(store);
        }
        let network = actor.network.as_deref().ok_or(Error::SubjectNotFound)?;
        if !self.stores.members(network).await?.contains(&store) {
            return Err(Error::SubjectNotFound);
        }
        let request = call.trace(GetNetworkRequest { id: network.to_owned() });
        let network = self.networks.clone().get_network(request).await?.into_inner();
        if network.reviews_enabled { Ok(store) } else { Err(Error::ReviewsDisabled) }
    }

    async fn seller(&self, product: ProductId, call: &Call) -> Result<StoreId, Error> {
        let request = call.trace(GetProductRequest { id: product.into() });
        let product = match self.products.clone().get_product(request).await.map_err(KitError::from) {
            Err(error) if error.code() == Code::NotFound => return Err(Error::SubjectNotFound),
            answer => answer?.into_inner(),
        };
        product.store.parse().map_err(|_| Error::SubjectNotFound)
    }
}
