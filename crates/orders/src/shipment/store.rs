//! All SQL of shipments.
use chrono::{DateTime, Utc};
use kit::Tx;
use sqlx::types::Json;

use super::Shipment;
use crate::{
    error::Error,
    order::{Doer, Order},
};

/// Adds a shipment of `order`, which is held, and counts its units as gone.
pub async fn insert(
    tx: &mut Tx,
    order: &Order,
    shipment: &Shipment,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let sql = sqlx::query(
        "with gone as (
           update order_lines l set fulfilled = l.fulfilled + n.quantity
           from unnest($10::uuid[], $11::bigint[]) as n (line, quantity)
           where l.realm_id = $1 and l.order_id = $3 and l.id = n.line)
         insert into shipments (realm_id, id, order_id, position, carrier, number, url, lines, actor, created_at)
         select $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5, $6, $7, $8, $9
         from shipments where realm_id = $1 and order_id = $3",
    );
    let sql = sql.bind(order.realm).bind(shipment.id).bind(order.id).bind(&shipment.tracking.carrier);
    let sql = sql.bind(&shipment.tracking.number).bind(&shipment.tracking.url).bind(Json(&shipment.lines));
    let sql = sql.bind(&doer.actor).bind(now);
    let sql = sql.bind(shipment.lines.iter().map(|one| one.line().uuid()).collect::<Vec<_>>());
    let sql = sql.bind(shipment.lines.iter().map(|one| i64::from(one.quantity)).collect::<Vec<_>>());
    sql.execute(&mut **tx).await?;
    Ok(())
}
