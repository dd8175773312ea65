//! Staff at work with orders.
use kit::permission::Permission;
use proto::{
    base::v1::Money,
    orders::v1::{
        CancelOrderRequest, CreateRefundRequest, EditOrderRequest, EnterTransactionRequest, FulfilOrderRequest,
        GetOrderRequest, LineQuantity, MarkOrderPaidRequest, Order, Refund, Transaction,
        order_desk_service_client::OrderDeskServiceClient, refund_service_client::RefundServiceClient,
        transaction_service_client::TransactionServiceClient,
    },
};
use testing::actors::{if_match, keyed};
use tonic::{Request, Status};

use crate::shop::{Shop, payment, wish};

/// What whoever works at the counter may do.
pub const ALL: [Permission; 5] = [
    Permission::OrdersRead,
    Permission::OrdersWrite,
    Permission::OrdersRefund,
    Permission::TransactionsWrite,
    Permission::CustomersPii,
];

/// Euros and cents.
#[expect(clippy::unnecessary_wraps, reason = "as messages carry it")]
pub fn eur(amount: i64) -> Option<Money> {
    Some(Money { amount, currency: "EUR".to_owned() })
}

/// So many of the order's line at `place`.
pub fn units(order: &Order, place: usize, quantity: u32) -> LineQuantity {
    LineQuantity { line: order.lines[place].id.clone(), quantity }
}

impl Shop {
    /// An order that a guest paid by `method`.
    pub async fn paid_by(&self, method: &str) -> anyhow::Result<Order> {
        let token = self.checkout().await?.token;
        Ok(self.capture(&token, method).await?.order.expect("an order"))
    }

    /// An order on invoice.
    pub async fn invoiced(&self) -> anyhow::Result<Order> {
        let checkout = self.begin_by(self.rig.actors.anonymous(wish(&self.cart().id, "manual"))).await?;
        let capture = self.rig.actors.anonymous(payment(&checkout.token, ""));
        Ok(self.capture_by(capture).await?.order.expect("an order"))
    }

    /// The order as staff see it now.
    pub async fn seen(&self, order: &Order) -> Result<Order, Status> {
        let request = self.rig.actors.staff(&ALL, GetOrderRequest { id: order.id.clone() });
        Ok(self.orders.clone().get_order(request).await?.into_inner())
    }

    pub async fn cancel(&self, order: &Order) -> Result<Order, Status> {
        let request = CancelOrderRequest { id: order.id.clone(), reason: "Changed their mind.".into(), notify: true };
        self.cancel_by(self.rig.actors.staff(&ALL, request)).await
    }

    pub async fn cancel_by(&self, request: Request<CancelOrderRequest>) -> Result<Order, Status> {
        Ok(self.desk().cancel_order(request).await?.into_inner())
    }

    pub async fn fulfil(&self, order: &Order, lines: Vec<LineQuantity>) -> Result<Order, Status> {
        let request = FulfilOrderRequest { id: order.id.clone(), lines, ..FulfilOrderRequest::default() };
        Ok(self.desk().fulfil_order(self.rig.actors.staff(&ALL, request)).await?.into_inner())
    }

    pub async fn mark_paid(&self, order: &Order, amount: Option<Money>) -> Result<Order, Status> {
        let method = "transfer".to_owned();
        let request = MarkOrderPaidRequest { id: order.id.clone(), amount, method, ..Default::default() };
        let request = keyed(self.rig.actors.staff(&ALL, request), "paid", "f");
        Ok(self.desk().mark_order_paid(request).await?.into_inner())
    }

    pub async fn edit(&self, edit: EditOrderRequest, version: i64) -> Result<Order, Status> {
        let request = if_match(self.rig.actors.staff(&ALL, edit), version);
        Ok(self.desk().edit_order(request).await?.into_inner())
    }

    pub async fn refund(&self, request: CreateRefundRequest, key: &str) -> Result<Refund, Status> {
        self.refund_by(keyed(self.rig.actors.staff(&ALL, request), key, "f")).await
    }

    pub async fn refund_by(&self, mut request: Request<CreateRefundRequest>) -> Result<Refund, Status> {
        request.set_timeout(std::time::Duration::from_secs(12));
        Ok(RefundServiceClient::new(self.transport.clone()).create_refund(request).await?.into_inner())
    }

    pub async fn enter(&self, request: EnterTransactionRequest) -> Result<Transaction, Status> {
        let request = keyed(self.rig.actors.staff(&ALL, request), "entry", "f");
        Ok(self.ledger().enter_transaction(request).await?.into_inner())
    }

    pub fn desk(&self) -> OrderDeskServiceClient<kit::transport::Transport> {
        OrderDeskServiceClient::new(self.transport.clone())
    }

    pub fn ledger(&self) -> TransactionServiceClient<kit::transport::Transport> {
        TransactionServiceClient::new(self.transport.clone())
    }
}

/// A refund of `order`.
pub fn back(order: &Order) -> CreateRefundRequest {
    let (order, reason) = (order.id.clone(), "Gus was not happy.".to_owned());
    CreateRefundRequest { order, reason, ..CreateRefundRequest::default() }
}

/// An entry of the ledger about `order`, made by hand.
pub fn entry(order: &Order, kind: &str, amount: i64) -> EnterTransactionRequest {
    EnterTransactionRequest {
        order: order.id.clone(),
        r#type: kind.to_owned(),
        amount: eur(amount),
        method: "cash".to_owned(),
        reference: "T-1".to_owned(),
        reason: "Gus paid at the counter.".to_owned(),
    }
}
