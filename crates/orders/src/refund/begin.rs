//! Begins a refund: what goes back is written down and reserved before any gateway is asked (OR-5).
use kit::{
    Error as Kit, Tx,
    audit::{Entry, json},
    clock::Clock,
    failure::Violation,
    ids::OrderId,
    money::Money,
};
use proto::orders::v1::{CreateRefundRequest, LineQuantity};

use super::{Plan, Refund, RefundId, State, Wanted, plan::Basis, store};
use crate::{
    error::Error,
    invoice::pay::refuse_underway,
    order::{
        Doer, Order,
        store::{lines, save},
        words,
    },
    payment::{self, Gateway, Payment},
    transaction,
};

/// Most lines of an order that are named at once.
const MOST: usize = 1_000;

/// What somebody wants to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What.
    pub wanted: Wanted,
    /// In which currency, where an amount was named.
    pub currency: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether the customer is to hear of it.
    pub notify: bool,
}

impl Wish {
    /// Reads a request: the order and what is wanted of it, naming every fault.
    pub fn parse(request: CreateRefundRequest) -> Result<(OrderId, Self), Error> {
        let order = request.order.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let reason = words::needed("/reason", &request.reason, &mut faults);
        let amount = request.amount.as_ref().map(|amount| amount.amount);
        if amount.is_some_and(|amount| amount <= 0) {
            faults.push(Violation::new("/amount/amount", "out_of_range", "more than nothing goes back"));
        }
        let shipping = request.shipping;
        let lines = units(&request.lines, &mut faults);
        let wanted = match amount {
            _ if !lines.is_empty() || shipping => Wanted::Lines { lines, shipping, amount },
            Some(amount) => Wanted::Amount(amount),
            None => Wanted::Everything,
        };
        if !faults.is_empty() {
            return Err(Kit::Invalid(faults).into());
        }
        let currency = request.amount.map(|amount| amount.currency);
        Ok((order, Self { wanted, currency, reason, notify: request.notify }))
    }
}

/// So many of which lines.
pub(crate) fn units(given: &[LineQuantity], faults: &mut Vec<Violation>) -> Vec<(kit::ids::LineId, u32)> {
    if given.len() > MOST {
        faults.push(Violation::new("/lines", "too_many", format!("at most {MOST} lines")));
        return Vec::new();
    }
    let mut units = Vec::new();
    for (i, one) in given.iter().enumerate() {
        match one.line.parse() {
            Ok(line) => units.push((line, one.quantity)),
            Err(_) => faults.push(Violation::new(format!("/lines/{i}/line"), "malformed", "lines are named line_…")),
        }
        if one.quantity == 0 {
            faults.push(Violation::new(format!("/lines/{i}/quantity"), "out_of_range", "at least one"));
        }
    }
    units
}

/// What is left of an order, and what of it a gateway took.
struct Purse {
    /// What came in and has not gone back, nor is about to.
    left: i64,
    /// How much went back for shipping, or is about to.
    shipping_back: i64,
    /// The payment of which a gateway can still give something back, and how much.
    taken: Option<(Payment, i64)>,
}

impl Purse {
    async fn of(tx: &mut Tx, order: &Order) -> Result<Self, Error> {
        let (sums, underway) = (transaction::store::sums(tx, order).await?, store::underway(tx, order).await?);
        let payment = payment::store::latest(&mut **tx, order.realm, order.id).await?;
        let payment =
            payment.filter(|payment| payment.gateway != Gateway::Manual && payment.state == payment::State::Captured);
        let taken = match payment {
            Some(payment) => {
                // Staff may have given some back at the gateway itself, of which only the ledger knows.
                let back = transaction::store::back_through(tx, &payment).await?.max(underway.through_gateway);
                let rest = payment.amount.amount - back;
                Some((payment, rest))
            }
            None => None,
        };
        let left = sums.left() - underway.started;
        Ok(Self { left, shipping_back: underway.shipping, taken: taken.filter(|(_, rest)| *rest > 0) })
    }

    async fn plan(&self, tx: &mut Tx, order: &Order, wanted: &Wanted) -> Result<Plan, Error> {
        let lines = lines(tx, order).await?;
        let Self { left, shipping_back, .. } = *self;
        Plan::of(wanted, Basis { totals: &order.totals, lines: &lines, left, shipping_back })
    }
}

/// Begins to give `wish` back of `order`, which is held: what of it is underway counts at once, so that however many begin
/// at the same time, no more goes back than came in. What a gateway took goes back through it first: nothing is given back
/// by other means as long as there is some of that.
pub async fn begin_refund(tx: &mut Tx, order: &mut Order, wish: Wish, by: (&Doer, &Clock)) -> Result<Refund, Error> {
    if wish.currency.as_ref().is_some_and(|currency| currency != order.totals.currency.code()) {
        return Err(Error::CurrencyMismatch);
    }
    refuse_underway(tx, order).await?;
    let purse = Purse::of(tx, order).await?;
    let plan = purse.plan(tx, order, &wish.wanted).await?;
    if let Some((_, rest)) = &purse.taken
        && plan.amount > *rest
    {
        return Err(Error::RefundTooLarge(order.totals.money(*rest)));
    }
    write(tx, order, (plan, purse.taken.map(|(payment, _)| payment)), (&wish, by)).await
}

/// Begins to give back all that is left of `order`, which is held: through the gateway what that took, the rest by other
/// means.
pub async fn begin_restitution(
    tx: &mut Tx,
    order: &mut Order,
    reason: &str,
    by: (&Doer, &Clock),
) -> Result<Vec<Refund>, Error> {
    let wish = Wish { wanted: Wanted::Everything, currency: None, reason: reason.to_owned(), notify: false };
    let purse = Purse::of(tx, order).await?;
    if purse.left <= 0 {
        return Ok(Vec::new());
    }
    let plan = purse.plan(tx, order, &wish.wanted).await?;
    let (payment, most) = purse.taken.map_or((None, plan.amount), |(payment, rest)| (Some(payment), rest));
    let (first, rest) = plan.split(most);
    let mut refunds = vec![write(tx, order, (first, payment), (&wish, by)).await?];
    if let Some(rest) = rest {
        refunds.push(write(tx, order, (rest, None), (&wish, by)).await?);
    }
    Ok(refunds)
}

/// Writes down that `plan` is to go back, through the gateway of `payment` if there is one. What costs nothing needs none.
async fn write(
    tx: &mut Tx,
    order: &mut Order,
    (plan, payment): (Plan, Option<Payment>),
    (wish, (doer, clock)): (&Wish, (&Doer, &Clock)),
) -> Result<Refund, Error> {
    let (now, payment) = (clock.now(), payment.filter(|_| plan.amount > 0));
    let refund = Refund {
        id: RefundId::new(now),
        realm: order.realm,
        store: order.store,
        order: order.id,
        gateway: payment.as_ref().map_or(Gateway::Manual, |payment| payment.gateway),
        method: payment.as_ref().map(|payment| payment.method.clone()).unwrap_or_default(),
        payment: payment.map(|payment| payment.id),
        amount: Money::new(plan.amount, order.totals.currency),
        shipping: plan.shipping,
        lines: plan.lines,
        state: State::Started,
        reason: wish.reason.clone(),
        notify: wish.notify && plan.amount > 0,
        actor: doer.actor.clone(),
        impersonator: doer.impersonator.clone(),
        created_at: now,
    };
    store::insert(tx, &refund, clock).await?;
    store::count_units(tx, order, &refund.lines, true).await?;
    order.touch(now);
    save(tx, order).await?;
    Ok(refund)
}

/// What the audit says of it: amounts, never which words were found for it.
#[must_use]
pub fn entry(refund: &Refund, order: &Order) -> Entry {
    let after = json!({
        "refund": refund.id.to_string(), "amount": refund.amount.amount,
        "currency": refund.amount.currency.code(), "gateway": refund.gateway.slug(),
    });
    Entry::new("order.refunded", ("order", order.id), refund.created_at)
        .about(order.customer)
        .because(&refund.reason)
        .created(after)
}
