//! What a ticket is about: an order of its customer and products of its store, and nobody else's.
use kit::{
    Call,
    ids::{CustomerId, OrderId, ProductId, RealmId, StoreId},
    pool::Pool,
    transport::Transport,
};
use proto::{
    catalog::v1::{BatchGetProductsRequest, product_service_client::ProductServiceClient},
    orders::v1::{GetOrderRequest, order_service_client::OrderServiceClient},
};
use tonic::Code;

use super::store;
use crate::{Error, fields::Fields};

/// The ways to those who know. Clones share them.
#[derive(Clone)]
pub struct Links {
    orders: OrderServiceClient<Transport>,
    catalog: ProductServiceClient<Transport>,
}

/// Whose ticket, and where.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    /// Customer base.
    pub realm: RealmId,
    /// Store.
    pub store: StoreId,
    /// Who.
    pub customer: CustomerId,
}

impl Links {
    /// By way of `orders` and `catalog`.
    #[must_use]
    pub fn new(orders: Transport, catalog: Transport) -> Self {
        Self { orders: OrderServiceClient::new(orders), catalog: ProductServiceClient::new(catalog) }
    }

    /// Passes when `order` and `products` are what a ticket of `matter` may be about. What is somebody else's is as
    /// unknown as what there is not.
    pub async fn check(
        &self,
        (db, call): (&Pool, &Call),
        matter: Matter,
        (order, products): (Option<OrderId>, &[ProductId]),
    ) -> Result<(), Error> {
        let mut fields = Fields::default();
        if let Some(order) = order
            && !self.has_order((db, call), matter, order).await?
        {
            fields.fault("/order", "unknown", "the customer has no such order in this store");
        }
        if !self.sells(call, matter.store, products).await? {
            fields.fault("/products", "unknown", "the store has no such product");
        }
        Ok(fields.finish()?)
    }

    /// Of most orders it is known here whose they are; one of this moment is asked for.
    async fn has_order(&self, (db, call): (&Pool, &Call), matter: Matter, order: OrderId) -> Result<bool, Error> {
        if store::has_order(db, matter, order).await? {
            return Ok(true);
        }
        match self.orders.clone().get_order(call.trace(GetOrderRequest { id: order.into() })).await {
            Ok(order) => {
                let order = order.into_inner();
                Ok(order.realm == String::from(matter.realm)
                    && order.store == String::from(matter.store)
                    && order.customer == String::from(matter.customer))
            }
            Err(status) if status.code() == Code::NotFound => Ok(false),
            Err(status) => Err(status.into()),
        }
    }

    async fn sells(&self, call: &Call, store: StoreId, products: &[ProductId]) -> Result<bool, Error> {
        if products.is_empty() {
            return Ok(true);
        }
        let ids = products.iter().copied().map(String::from).collect();
        let asked = call.trace(BatchGetProductsRequest { ids, ..BatchGetProductsRequest::default() });
        let found = self.catalog.clone().batch_get_products(asked).await?.into_inner().products;
        let store = String::from(store);
        Ok(found.iter().filter(|product| product.store == store).count() == products.len())
    }
}
