//! Stands in for links to orders: there is one once it was made, until it is revoked.
use std::sync::{Arc, Mutex};

use kit::{Call, permission::Permission};
use proto::{
    base::v1::Money,
    orders::v1::{
        CreateOrderLinkRequest, ListOrderLinksRequest, ListOrderLinksResponse, OrderLine, OrderLink, PublicOrder,
        RevokeOrderLinkRequest, Shipment, ViewOrderRequest, order_link_service_server::OrderLinkService,
    },
};
use tonic::{Request, Response, Status};

use super::{STORES, Unknown};

/// The page of the link there is.
pub const LINKED: &str = "/order/orderlink_5ec2e7";
const ID: &str = "olnk_01957000000070008000000000000052";

/// The stand-in: how the link stands, if it was made.
#[derive(Clone, Default)]
pub struct Links(Arc<Mutex<Option<&'static str>>>);

impl Links {
    fn link(&self) -> Option<OrderLink> {
        let state = (*self.0.lock().unwrap())?;
        Some(OrderLink { id: ID.to_owned(), state: state.to_owned(), ..OrderLink::default() })
    }

    fn turn(&self, state: &'static str) -> OrderLink {
        *self.0.lock().unwrap() = Some(state);
        self.link().unwrap_or_default()
    }
}

fn euros(amount: i64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

#[tonic::async_trait]
impl OrderLinkService for Links {
    async fn create_order_link(&self, request: Request<CreateOrderLinkRequest>) -> Result<Response<OrderLink>, Status> {
        Call::of(&request)?.actor()?.require(Permission::OrdersWrite)?;
        let url = format!("https://shop.example.com{LINKED}");
        Ok(Response::new(OrderLink { url, ..self.turn("open") }))
    }

    async fn list_order_links(
        &self,
        request: Request<ListOrderLinksRequest>,
    ) -> Result<Response<ListOrderLinksResponse>, Status> {
        Call::of(&request)?.actor()?.require(Permission::OrdersRead)?;
        Ok(Response::new(ListOrderLinksResponse { links: self.link().into_iter().collect() }))
    }

    async fn revoke_order_link(&self, request: Request<RevokeOrderLinkRequest>) -> Result<Response<OrderLink>, Status> {
        Call::of(&request)?.actor()?.require(Permission::OrdersWrite)?;
        Ok(Response::new(self.turn("revoked")))
    }

    async fn view_order(&self, request: Request<ViewOrderRequest>) -> Result<Response<PublicOrder>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        if !LINKED.ends_with(&format!("/{}", request.get_ref().secret)) {
            return Err(kit::failure::status(&Unknown));
        }
        let name = "Sea <i>charts</i>".to_owned();
        let line = OrderLine { name, quantity: 2, subtotal: Some(euros(7_920)), ..OrderLine::default() };
        let parcel = Shipment { carrier: "DHL".to_owned(), number: "00340".to_owned(), ..Shipment::default() };
        Ok(Response::new(PublicOrder {
            number: "1042".to_owned(),
            store: STORES[0].0.to_owned(),
            status: "completed".to_owned(),
            lines: vec![line],
            total: Some(euros(7_920)),
            refunded: Some(euros(100)),
            shipments: vec![parcel],
            ..PublicOrder::default()
        }))
    }
}
