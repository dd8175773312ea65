//! Notes that something left the house (OR-2).
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, clock::timestamp, ids::LineId, ids::OrderId, outbox};
use proto::orders::v1 as pb;

use super::{
    Doer, Fulfilment, Line, News, Order,
    store::{lines, record, save},
};
use crate::{
    error::Error,
    refund::begin::units,
    shipment::{Portion, Shipment, ShipmentId, Tracking, store},
};

/// What left the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfil {
    /// Of which lines how many; nothing for all that is left.
    pub lines: Vec<(LineId, u32)>,
    /// How to follow it.
    pub tracking: Tracking,
    /// Whether the customer is to hear of it.
    pub notify: bool,
}

impl Fulfil {
    /// Reads a request, naming every fault.
    pub fn parse(request: &pb::FulfilOrderRequest) -> Result<(OrderId, Self), Error> {
        let order = request.id.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let tracking = (&*request.carrier, &*request.number, &*request.url);
        let tracking = Tracking::parse(tracking, &mut faults);
        let lines = units(&request.lines, &mut faults);
        if faults.is_empty() {
            Ok((order, Self { lines, tracking, notify: request.notify }))
        } else {
            Err(Kit::Invalid(faults).into())
        }
    }
}

/// How much of an order has left the house, told from its lines: what was taken back is not waited for.
#[must_use]
pub fn fulfilment(lines: &[Line]) -> Fulfilment {
    match (lines.iter().any(|line| line.fulfilled > 0), lines.iter().any(|line| line.waiting() > 0)) {
        (false, _) => Fulfilment::Unfulfilled,
        (true, true) => Fulfilment::Partial,
        (true, false) => Fulfilment::Fulfilled,
    }
}

/// Ships `wanted` of `order`, which is held.
pub async fn fulfil(
    tx: &mut Tx,
    order: &mut Order,
    wanted: Fulfil,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<Shipment, Error> {
    let mut lines = lines(tx, order).await?;
    let portions = portions(&mut lines, &wanted.lines)?;
    let next = fulfilment(&lines);
    if !order.hear_quietly(News::Shipped(next), now) {
        return Err(Error::OrderNotOpen);
    }
    let shipment = Shipment { id: ShipmentId::new(now), tracking: wanted.tracking, lines: portions };
    store::insert(tx, order, &shipment, (doer, now)).await?;
    record(tx, order, "shipment", (doer, now)).await?;
    save(tx, order).await?;
    outbox::publish(tx, &told(order, &shipment, wanted.notify, now));
    Ok(shipment)
}

/// Takes `wanted` out of `lines`, or everything that waits.
fn portions(lines: &mut [Line], wanted: &[(LineId, u32)]) -> Result<Vec<Portion>, Error> {
    let waiting: Vec<_> = lines.iter().map(|line| (line.id, line.waiting())).filter(|(_, n)| *n > 0).collect();
    if waiting.is_empty() {
        return Err(Error::NothingToFulfil);
    }
    let wanted = if wanted.is_empty() { &waiting } else { wanted };
    let mut seen = HashSet::new();
    let mut portions = Vec::new();
    for (id, quantity) in wanted {
        let line = lines.iter_mut().find(|line| line.id == *id && seen.insert(*id)).ok_or(Error::LineNotFound)?;
        if *quantity == 0 || *quantity > line.waiting() {
            return Err(Error::QuantityTooLarge(line.waiting()));
        }
        line.fulfilled += quantity;
        portions.push(Portion::new(line.id, *quantity));
    }
    Ok(portions)
}

fn told(order: &Order, shipment: &Shipment, notify: bool, now: DateTime<Utc>) -> pb::OrderFulfilled {
    pb::OrderFulfilled {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        number: order.number.clone(),
        shipment: shipment.id.into(),
        fulfilment_status: order.standing.fulfilment.slug().to_owned(),
        lines: shipment.lines.iter().cloned().map(Into::into).collect(),
        at: Some(timestamp(now)),
        notify,
    }
}
