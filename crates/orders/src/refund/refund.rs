//! A refund and the one way its state changes.
use chrono::{DateTime, Utc};
use kit::{
    ids::{LineId, OrderId, ProductId, RealmId, StoreId},
    money::Money,
};
use proto::orders::v1 as pb;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};
use uuid::Uuid;

use crate::{
    columns,
    payment::{Gateway, PaymentId, Refusal},
};

kit::id! {
    /// A refund; also the idempotency key of its gateway.
    RefundId, "rfd";
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Id.
    pub id: RefundId,
    /// Customer base of the order.
    pub realm: RealmId,
    /// Store of the order.
    pub store: StoreId,
    /// What it is for.
    pub order: OrderId,
    /// The payment that is given back, if a gateway took it.
    pub payment: Option<PaymentId>,
    /// Through which gateway.
    pub gateway: Gateway,
    /// The payment's method.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// How much of it is for shipping.
    pub shipping: i64,
    /// For which lines.
    pub lines: Vec<Returned>,
    /// How it stands.
    pub state: State,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// Whether its customer is to hear of it.
    pub notify: bool,
    /// Who does it: kind and id.
    pub actor: String,
    /// Who really does, if they act for somebody; empty otherwise.
    pub impersonator: String,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// What is taken back of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    line: Uuid,
    product: Uuid,
    /// How many.
    pub quantity: u32,
    /// How much goes back for them, in minor units.
    pub amount: i64,
}

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// The gateway is being asked.
    Started,
    /// The money has gone back.
    Succeeded,
    /// It came to nothing; no money moved.
    Failed,
}

/// What a gateway says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The money has gone back, under the gateway's reference.
    Returned(String),
    /// It came to nothing and never will.
    Refused(Refusal),
}

impl State {
    /// The state after `answer`; `None` when it was decided before: the first answer stands.
    #[must_use]
    pub const fn after(self, answer: &Answer) -> Option<Self> {
        match (self, answer) {
            (Self::Started, Answer::Returned(_)) => Some(Self::Succeeded),
            (Self::Started, Answer::Refused(_)) => Some(Self::Failed),
            (Self::Succeeded | Self::Failed, _) => None,
        }
    }
}

impl Returned {
    /// So many of a line, for so much.
    #[must_use]
    pub fn new((line, product): (LineId, ProductId), quantity: u32, amount: i64) -> Self {
        Self { line: line.uuid(), product: product.uuid(), quantity, amount }
    }

    /// Which line.
    #[must_use]
    pub const fn line(&self) -> LineId {
        LineId::from_uuid(self.line)
    }
}

impl From<Returned> for pb::RefundedLine {
    fn from(returned: Returned) -> Self {
        Self {
            line: returned.line().into(),
            product: ProductId::from_uuid(returned.product).into(),
            quantity: returned.quantity,
            amount: returned.amount,
        }
    }
}

impl FromRow<'_, PgRow> for Refund {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            realm: row.try_get("realm_id")?,
            store: row.try_get("store_id")?,
            order: row.try_get("order_id")?,
            payment: row.try_get("payment_id")?,
            gateway: row.try_get("gateway")?,
            method: row.try_get("method")?,
            amount: columns::amount(row, "amount")?,
            shipping: row.try_get("shipping")?,
            lines: row.try_get::<Json<_>, _>("lines")?.0,
            state: row.try_get("state")?,
            reason: row.try_get("reason")?,
            notify: row.try_get("notify")?,
            actor: row.try_get("actor")?,
            impersonator: row.try_get("impersonator")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-5: every answer in every state: the first one stands.
    #[test]
    fn every_answer_in_every_state() {
        let returned = Answer::Returned("r".to_owned());
        let refused = Answer::Refused(Refusal::new("refused", "No."));
        for (state, expected) in [
            (State::Started, [Some(State::Succeeded), Some(State::Failed)]),
            (State::Succeeded, [None, None]),
            (State::Failed, [None, None]),
        ] {
            assert_eq!([state.after(&returned), state.after(&refused)], expected, "{state:?}");
        }
    }
}
