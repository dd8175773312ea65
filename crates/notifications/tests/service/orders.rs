//! Stands in for the orders service: knows the orders of a test, and can be away.
use std::sync::{Arc, Mutex, PoisonError};

use proto::{
    base::v1::{Address, Money},
    orders::v1::{
        BrowseOwnOrdersRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order, OrderLine, OrderPlaced,
        PlacedLine, order_service_server::OrderService,
    },
};
use testing::Actors;
use tonic::{Request, Response, Status};

/// The orders there are; `None` while the service is away.
#[derive(Clone, Default)]
pub struct Book(Arc<Mutex<Option<Vec<Order>>>>);

impl Book {
    /// From now on these orders are there.
    pub fn open(&self, orders: Vec<Order>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(orders);
    }
}

#[tonic::async_trait]
impl OrderService for Book {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let call = kit::Call::of(&request)?;
        call.actor()?.require_system()?;
        let id = request.into_inner().id;
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let orders = orders.ok_or_else(|| Status::unavailable("away"))?;
        let order = orders.into_iter().find(|order| order.id == id);
        order.map(Response::new).ok_or_else(|| kit::failure::status(&notifications::error::Error::MessageNotFound))
    }

    async fn list_orders(&self, _: Request<ListOrdersRequest>) -> Result<Response<ListOrdersResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn browse_own_orders(
        &self,
        _: Request<BrowseOwnOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }
}

fn eur(amount: i64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

/// An order of two lines in the actors' store.
pub fn order(actors: &Actors, id: kit::ids::OrderId) -> Order {
    let line = |name: &str, quantity, subtotal| OrderLine {
        name: name.to_owned(),
        quantity,
        subtotal: Some(eur(subtotal)),
        ..OrderLine::default()
    };
    Order {
        id: id.into(),
        number: "1042".to_owned(),
        realm: actors.realm.into(),
        store: actors.store.into(),
        payment_status: "paid".to_owned(),
        lines: vec![line("Blue mug", 2, 3998), line("Tea, 100 g", 1, 450)],
        subtotal: Some(eur(4448)),
        discount: Some(eur(448)),
        shipping: Some(eur(490)),
        tax: Some(eur(0)),
        total: Some(eur(4490)),
        name: "Ada Lovelace".to_owned(),
        email: "ada@example.com".to_owned(),
        shipping_address: Some(Address {
            name: "Ada Lovelace".to_owned(),
            line1: "12 St James's Square".to_owned(),
            city: "London".to_owned(),
            postal_code: "SW1Y 4JH".to_owned(),
            country: "GB".to_owned(),
            ..Address::default()
        }),
        ..Order::default()
    }
}

/// The event that `order` was placed.
pub fn placed(order: &Order) -> OrderPlaced {
    OrderPlaced {
        realm: order.realm.clone(),
        store: order.store.clone(),
        order: order.id.clone(),
        customer: order.customer.clone(),
        total: order.total.clone(),
        lines: vec![PlacedLine::default()],
        number: order.number.clone(),
        ..OrderPlaced::default()
    }
}
