//! An entry of the ledger.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{OrderId, TransactionId},
    money::Money,
};
use proto::orders::v1 as pb;
use sqlx::{FromRow, Row, postgres::PgRow};

use crate::{columns, payment::Gateway};

/// An entry as it is shown, with the network address of its payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Id.
    pub id: TransactionId,
    /// Of which order.
    pub order: OrderId,
    /// What kind of movement: "payment" is authorised and captured at once.
    pub kind: String,
    /// "succeeded" or "failed".
    pub status: String,
    /// How much.
    pub amount: Money,
    /// Through which gateway.
    pub gateway: Gateway,
    /// The gateway's own name for it; may be empty.
    pub reference: String,
    /// A sentence about it.
    pub description: String,
    /// Network address of the client; may be empty.
    pub ip: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for Transaction {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            order: row.try_get("order_id")?,
            kind: row.try_get("type")?,
            status: row.try_get("status")?,
            amount: columns::amount(row, "amount")?,
            gateway: row.try_get("gateway")?,
            reference: row.try_get("reference")?,
            description: row.try_get("description")?,
            ip: row.try_get("ip")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

impl From<Transaction> for pb::Transaction {
    fn from(entry: Transaction) -> Self {
        Self {
            id: entry.id.into(),
            order: entry.order.into(),
            r#type: entry.kind,
            status: entry.status,
            amount: Some(entry.amount.into()),
            gateway: entry.gateway.slug().to_owned(),
            reference: entry.reference,
            description: entry.description,
            ip: entry.ip,
            created_at: Some(timestamp(entry.created_at)),
        }
    }
}
