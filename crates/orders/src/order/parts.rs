//! What an order has many of: its lines, its part of the ledger and its history, read together.
use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, LineId, OrderId, ProductId, RealmId, TransactionId},
    money::{self, Money},
};
use proto::{base::v1 as base, orders::v1 as pb};
use sqlx::{AssertSqlSafe, PgExecutor};
use uuid::Uuid;

use super::{Line, Plan, TaxRate, edit::Change};
use crate::{
    error::Error,
    gift::Gift,
    refund::{RefundId, Returned},
    shipment::{Portion, ShipmentId},
};

/// Parts of one order, oldest first.
#[derive(Default, sqlx::FromRow)]
pub struct Parts {
    #[sqlx(json)]
    lines: Vec<LineRow>,
    #[sqlx(json)]
    transactions: Vec<TransactionRow>,
    #[sqlx(json)]
    history: Vec<HistoryRow>,
    #[sqlx(json)]
    shipments: Vec<ShipmentRow>,
    #[sqlx(json)]
    refunds: Vec<RefundRow>,
}

/// Id, product, SKU, name, quantity, price, subtotal, kind, discount, tax, plan, package, fulfilled, refunded, and the tax
/// inside it, its rate, whether prices hold it, and who has it instead of whoever bought it.
type LineRow = (
    Uuid,
    Uuid,
    String,
    String,
    u32,
    i64,
    i64,
    String,
    i64,
    i64,
    Option<Plan>,
    String,
    u32,
    u32,
    (i64, u32, bool, Option<Given>),
);
/// Who has it, e-mail, name, message.
type Given = (Uuid, String, String, String);
/// Id, type, status, amount, currency, gateway, reference, description, network address, time, method, reason.
type TransactionRow =
    (Uuid, String, String, i64, String, String, String, String, String, DateTime<Utc>, Option<String>, Option<String>);
/// Status after the change, who did it, when, what it was, who really did it, what an edit changed.
type HistoryRow = (String, String, DateTime<Utc>, String, String, Option<Vec<Change>>);
/// Id, carrier, number, page, lines, time.
type ShipmentRow = (Uuid, String, String, String, Vec<Portion>, DateTime<Utc>);
/// Id, state, amount, currency, shipping, lines, reason, message, gateway, time.
type RefundRow = (Uuid, String, i64, String, i64, Vec<Returned>, String, Option<String>, String, DateTime<Utc>);

/// From the ids `o (id)`, which follow.
const SELECT: &str = "select o.id,
    (select coalesce(json_agg(json_build_array(
        l.id, l.product_id, l.sku, l.name, l.quantity, l.price, l.subtotal, l.kind, l.discount, l.tax, l.plan,
        l.package, l.fulfilled, l.refunded,
        json_build_array(l.included_tax, l.tax_rate, l.tax_included, case when g.line_id is not null then
          json_build_array(g.customer_id, g.email, g.name, g.message) end)) order by l.position), '[]')
     from order_lines l left join gifts g on g.realm_id = l.realm_id and g.line_id = l.id where l.realm_id = $1 and l.order_id = o.id) as lines,
    (select coalesce(json_agg(json_build_array(
        t.id, t.type, t.status, t.amount, t.currency, t.gateway, t.reference,
        t.description, coalesce(m.ip, p.ip, ''), t.created_at, m.method, m.reason)
        order by t.position), '[]')
     from transactions t left join payments p on p.realm_id = t.realm_id and p.id = t.payment_id
       left join manual_entries m on m.realm_id = t.realm_id and m.transaction_id = t.id
     where t.realm_id = $1 and t.order_id = o.id) as transactions,
    (select coalesce(json_agg(json_build_array(h.status, h.actor, h.at, h.kind, h.impersonator, h.changes)
        order by h.position), '[]')
     from order_history h where h.realm_id = $1 and h.order_id = o.id) as history,
    (select coalesce(json_agg(json_build_array(s.id, s.carrier, s.number, s.url, s.lines, s.created_at)
        order by s.position), '[]')
     from shipments s where s.realm_id = $1 and s.order_id = o.id) as shipments,
    (select coalesce(json_agg(json_build_array(r.id, r.state, r.amount, r.currency, r.shipping, r.lines, r.reason,
        r.message, r.gateway, r.created_at) order by r.created_at, r.id), '[]')
     from refunds r where r.realm_id = $1 and r.order_id = o.id) as refunds
    from ";
/// One order is the usual case. Neither tells the planner how many there are: a list whose length it sees is planned each
/// time, which takes longer than the query.
static OF_ONE: LazyLock<String> = LazyLock::new(|| format!("{SELECT} (values (($2::uuid[])[1])) as o (id)"));
static OF_MANY: LazyLock<String> = LazyLock::new(|| format!("{SELECT} unnest((select $2::uuid[])) as o (id)"));

/// The parts of `orders`, which are of one realm.
pub async fn of_orders(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Parts>, Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: OrderId,
        #[sqlx(flatten)]
        parts: Parts,
    }
    let ids: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let sql = if orders.len() == 1 { &OF_ONE } else { &OF_MANY };
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(&***sql)).bind(realm).bind(ids).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.parts)).collect())
}

impl Parts {
    /// As the API shows them, in `order`.
    pub fn show(self, order: &mut pb::Order) -> Result<(), Error> {
        let currency = order.total.as_ref().map(|total| &*total.currency).unwrap_or_default();
        let currency = money::currency(currency).map_err(odd)?;
        order.lines = self.lines.into_iter().map(|row| line(row).encode(currency)).collect();
        let transactions = self.transactions.into_iter().map(|row| transaction(row, &order.id));
        order.transactions = transactions.collect::<Result<_, _>>()?;
        order.history = self.history.into_iter().map(change).collect();
        order.shipments = self.shipments.into_iter().map(shipment).collect();
        order.refunds = self.refunds.into_iter().map(|row| refund(row, &order.id)).collect();
        Ok(())
    }
}

fn line(row: LineRow) -> Line {
    let (
        id,
        product,
        sku,
        name,
        quantity,
        price,
        subtotal,
        kind,
        discount,
        tax,
        plan,
        package,
        fulfilled,
        refunded,
        taxed,
    ) = row;
    let (included_tax, rate, included, given) = taxed;
    let (id, product) = (LineId::from_uuid(id), ProductId::from_uuid(product));
    Line {
        id,
        product,
        sku,
        name,
        quantity,
        price,
        subtotal,
        kind,
        discount,
        tax,
        included_tax,
        tax_rate: TaxRate { rate, included },
        plan,
        package,
        contents: None,
        gift: given.map(gift),
        fulfilled,
        refunded,
    }
}

fn gift((recipient, email, name, message): Given) -> Gift {
    Gift { recipient: Some(CustomerId::from_uuid(recipient)), email, name, message }
}

fn transaction(row: TransactionRow, order: &str) -> Result<pb::Transaction, Error> {
    let (id, r#type, status, amount, currency, gateway, reference, description, ip, at, method, reason) = row;
    let amount = Money::new(amount, money::currency(&currency).map_err(odd)?);
    Ok(pb::Transaction {
        id: TransactionId::from_uuid(id).into(),
        order: order.to_owned(),
        r#type,
        status,
        amount: Some(amount.into()),
        gateway,
        reference,
        description,
        ip,
        created_at: Some(timestamp(at)),
        method: method.unwrap_or_default(),
        reason: reason.unwrap_or_default(),
    })
}

fn change((status, actor, at, kind, impersonator, changes): HistoryRow) -> pb::StatusChange {
    let changes = changes.unwrap_or_default().into_iter().map(Into::into).collect();
    pb::StatusChange { status, actor, at: Some(timestamp(at)), kind, impersonator, changes }
}

fn shipment((id, carrier, number, url, lines, at): ShipmentRow) -> pb::Shipment {
    let lines = lines.into_iter().map(Into::into).collect();
    let id = ShipmentId::from_uuid(id).into();
    pb::Shipment { id, carrier, number, url, lines, created_at: Some(timestamp(at)) }
}

fn refund(row: RefundRow, order: &str) -> pb::Refund {
    let (id, status, amount, currency, shipping, lines, reason, message, gateway, at) = row;
    let money = |amount| base::Money { amount, currency: currency.clone() };
    pb::Refund {
        id: RefundId::from_uuid(id).into(),
        order: order.to_owned(),
        status,
        amount: Some(money(amount)),
        shipping: Some(money(shipping)),
        lines: lines.into_iter().map(Into::into).collect(),
        reason,
        message: message.unwrap_or_default(),
        gateway,
        created_at: Some(timestamp(at)),
    }
}

fn odd(error: money::MoneyError) -> Error {
    kit::Error::Internal(format!("an order's currency: {error}")).into()
}
