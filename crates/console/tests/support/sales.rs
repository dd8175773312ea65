//! Stands in for orders, carts and notifications: the same few rows for everybody.
use kit::{Call, clock, permission::Permission, redact};
use prost_types::Timestamp;
use proto::{
    base::v1::{Address, Money, Page},
    carts::v1::{
        AddCodeRequest, AddLineRequest, Cart, DeleteCartRequest, EmptyCartRequest, GetCartRequest, Line,
        ListCartShippingMethodsRequest, ListCartShippingMethodsResponse, ListCartsRequest, ListCartsResponse,
        OpenCartRequest, RemoveCodeRequest, RemoveLineRequest, SetAttributionRequest, SetContactRequest,
        SetLineRequest, SetShippingMethodRequest, cart_service_server::CartService,
    },
    notifications::v1::{
        GetMessageRequest, ListMessagesRequest, ListMessagesResponse, Message, SendMessageRequest,
        message_service_server::MessageService,
    },
    orders::v1::{
        BrowseOwnOrdersRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order, OrderLine, StatusChange,
        Transaction, order_service_server::OrderService,
    },
};
use tonic::{Request, Response, Status};

use super::{STORES, Unknown, people::id};

/// Id of the order there is.
pub const ORDER: &str = "ord_01957000000070008000000000000042";

/// Id of the empty cart there is.
pub const CART: &str = "cart_01957000000070008000000000000043";

/// The stand-in.
#[derive(Clone)]
pub struct Sales;

#[expect(clippy::unnecessary_wraps, reason = "as messages carry it")]
fn euros(amount: i64) -> Option<Money> {
    Some(Money { amount, currency: "EUR".to_owned() })
}

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok().map(clock::timestamp)
}

fn address() -> Address {
    Address {
        name: "Ada Lovelace".to_owned(),
        line1: "Hafenstraße 12".to_owned(),
        postal_code: "20359".to_owned(),
        city: "Hamburg".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    }
}

fn line(name: &str, quantity: u32, price: i64) -> OrderLine {
    OrderLine {
        sku: format!("SKU-{price}"),
        name: name.to_owned(),
        quantity,
        price: euros(price),
        subtotal: euros(price * i64::from(quantity)),
        kind: "physical".to_owned(),
        ..OrderLine::default()
    }
}

fn change(status: &str, actor: &str, time: &str) -> StatusChange {
    let (status, actor) = (status.to_owned(), actor.to_owned());
    StatusChange { status, actor, at: at(time), ..StatusChange::default() }
}

fn capture() -> Transaction {
    Transaction {
        r#type: "capture".to_owned(),
        status: "succeeded".to_owned(),
        amount: euros(7_920),
        gateway: "test".to_owned(),
        reference: "pay_8f2c".to_owned(),
        description: "Payment captured".to_owned(),
        created_at: at("2026-02-27T17:31:00Z"),
        ..Transaction::default()
    }
}

fn order(pii: bool) -> Order {
    let order = Order {
        id: ORDER.to_owned(),
        number: "1042".to_owned(),
        store: STORES[0].0.to_owned(),
        customer: id(0),
        status: "placed".to_owned(),
        payment_status: "paid".to_owned(),
        fulfilment_status: "unfulfilled".to_owned(),
        lines: vec![
            line("Sea charts of the North, a very long title that has to wrap somewhere", 2, 3_490),
            line("Postcard", 3, 150),
        ],
        subtotal: euros(7_430),
        discount: euros(0),
        shipping: euros(490),
        tax: euros(1_265),
        total: euros(7_920),
        name: "Ada Lovelace".to_owned(),
        email: "person0@example.com".to_owned(),
        phone: "+49301234000".to_owned(),
        billing: Some(address()),
        shipping_address: Some(address()),
        ip: "203.0.113.7".to_owned(),
        gateway: "test".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".to_owned(),
        transactions: vec![capture()],
        history: vec![
            change("pending", "anonymous sto_1", "2026-02-27T17:30:41Z"),
            change("placed", "system orders", "2026-02-27T17:31:02Z"),
        ],
        placed_at: at("2026-02-27T17:31:02Z"),
        ..Order::default()
    };
    if pii { order } else { masked(order) }
}

fn masked(order: Order) -> Order {
    let redacted = ["name", "email", "phone", "ip", "billing", "shipping_address"];
    Order {
        name: redact::name(&order.name),
        email: redact::email(&order.email),
        phone: redact::phone(&order.phone),
        ip: redact::text(&order.ip),
        billing: order.billing.map(redact::address),
        shipping_address: order.shipping_address.map(redact::address),
        redacted: redacted.map(str::to_owned).into(),
        ..order
    }
}

#[tonic::async_trait]
impl OrderService for Sales {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::OrdersRead)?;
        if request.into_inner().id != ORDER {
            return Err(kit::failure::status(&Unknown));
        }
        Ok(Response::new(order(call.actor()?.sees_pii())))
    }

    async fn list_orders(&self, request: Request<ListOrdersRequest>) -> Result<Response<ListOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::OrdersRead)?;
        let pii = call.actor()?.sees_pii();
        let asked = request.into_inner();
        let whose = asked.customer.is_empty() || asked.customer == id(0);
        let orders = if whose && asked.query != "9999" { vec![order(pii)] } else { vec![] };
        Ok(Response::new(ListOrdersResponse { orders, page: Some(Page::default()) }))
    }

    async fn browse_own_orders(
        &self,
        _: Request<BrowseOwnOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        refused()
    }
}

fn cart() -> Cart {
    let line = Line { name: "Sea charts of the North".to_owned(), quantity: 1, ..Line::default() };
    Cart {
        store: STORES[0].0.to_owned(),
        status: "open".to_owned(),
        currency: "EUR".to_owned(),
        total: 3_490,
        lines: vec![line],
        updated_at: at("2026-03-01T09:12:00Z"),
        ..Cart::default()
    }
}

fn refused<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("the console only reads"))
}

#[tonic::async_trait]
impl CartService for Sales {
    async fn list_carts(&self, request: Request<ListCartsRequest>) -> Result<Response<ListCartsResponse>, Status> {
        Call::of(&request)?.actor()?.require(Permission::CartsRead)?;
        Ok(Response::new(ListCartsResponse { carts: vec![cart()], page: Some(Page::default()) }))
    }

    async fn list_cart_shipping_methods(
        &self,
        _: Request<ListCartShippingMethodsRequest>,
    ) -> Result<Response<ListCartShippingMethodsResponse>, Status> {
        refused()
    }

    async fn set_attribution(&self, _: Request<SetAttributionRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn set_shipping_method(&self, _: Request<SetShippingMethodRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn open_cart(&self, _: Request<OpenCartRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn get_cart(&self, request: Request<GetCartRequest>) -> Result<Response<Cart>, Status> {
        Call::of(&request)?.actor()?.require(Permission::CartsRead)?;
        if request.into_inner().id != CART {
            return Err(kit::failure::status(&Unknown));
        }
        let (id, customer) = (CART.to_owned(), id(0));
        Ok(Response::new(Cart { id, customer, version: 3, total: 0, lines: Vec::new(), ..cart() }))
    }

    async fn add_line(&self, _: Request<AddLineRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn set_line(&self, _: Request<SetLineRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn remove_line(&self, _: Request<RemoveLineRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn empty_cart(&self, _: Request<EmptyCartRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn delete_cart(&self, _: Request<DeleteCartRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn add_code(&self, _: Request<AddCodeRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn remove_code(&self, _: Request<RemoveCodeRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }

    async fn set_contact(&self, _: Request<SetContactRequest>) -> Result<Response<Cart>, Status> {
        refused()
    }
}

#[tonic::async_trait]
impl MessageService for Sales {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        Call::of(&request)?.actor()?.require(Permission::MessagesRead)?;
        let message = Message {
            channel: "email".to_owned(),
            template: "order_confirmation".to_owned(),
            to: "person0@example.com".to_owned(),
            subject: "Your order 1042 at Harbour Books".to_owned(),
            status: "sent".to_owned(),
            created_at: at("2026-02-27T17:31:03Z"),
            ..Message::default()
        };
        Ok(Response::new(ListMessagesResponse { messages: vec![message], page: Some(Page::default()) }))
    }

    async fn send_message(&self, _: Request<SendMessageRequest>) -> Result<Response<Message>, Status> {
        refused()
    }

    async fn get_message(&self, _: Request<GetMessageRequest>) -> Result<Response<Message>, Status> {
        refused()
    }
}
