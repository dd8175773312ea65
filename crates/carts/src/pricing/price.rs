//! The function that prices a basket.
use chrono::{DateTime, Utc};
use kit::{
    ids::{LineId, ProductId},
    money::share,
};

use super::{Bill, Charge, Discount, Idle, Reduction, Tax};
use crate::Error;

/// A line to be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which line.
    pub line: LineId,
    /// What.
    pub product: ProductId,
    /// Of one, in minor units, not negative.
    pub price: i64,
    /// How many.
    pub pieces: u32,
    /// What the state takes of it.
    pub tax: Tax,
}

/// How a basket gets to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What it costs.
    pub price: i64,
    /// What goods have to cost, after discounts, for it to be free.
    pub free_from: Option<i64>,
    /// What the state takes of it.
    pub tax: Tax,
}

/// All that a price depends on, but for the moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Basket<'a> {
    /// The lines.
    pub items: &'a [Item],
    /// Offers and vouchers, in any order.
    pub reductions: &'a [&'a Reduction],
    /// How it is delivered; nothing where nothing is.
    pub delivery: Option<Delivery>,
}

/// What `basket` comes to at `now`, and which of its reductions take nothing off and why.
///
/// Offers come first, by their position, then vouchers; each takes its part of what those before it have left. What one
/// takes off is rounded once and shared out over its lines by largest remainder. Tax is rounded once a line. The order of
/// lines makes no difference.
///
/// # Errors
/// [`Error::TotalTooLarge`] when the sum does not fit.
pub fn price(basket: &Basket<'_>, now: DateTime<Utc>) -> Result<(Bill, Vec<(usize, Idle)>), Error> {
    let mut charges = basket.items.iter().map(charge).collect::<Result<Vec<_>, _>>()?;
    sum(charges.iter().map(|charge| charge.subtotal))?;
    let (discounts, idle) = reduce(basket, &mut charges, now);
    for (charge, item) in charges.iter_mut().zip(basket.items) {
        (charge.tax, charge.included_tax) = item.tax.on(charge.remainder());
    }
    Ok((add_up(charges, discounts, basket.delivery)?, idle))
}

fn charge(item: &Item) -> Result<Charge, Error> {
    let subtotal = item.price.checked_mul(i64::from(item.pieces)).ok_or(Error::TotalTooLarge)?;
    Ok(Charge { line: item.line, subtotal, discount: 0, tax: 0, included_tax: 0 })
}

/// Takes off what is to be taken off.
fn reduce(basket: &Basket<'_>, charges: &mut [Charge], now: DateTime<Utc>) -> (Vec<Discount>, Vec<(usize, Idle)>) {
    let mut order: Vec<usize> = (0..basket.reductions.len()).collect();
    order.sort_by_key(|&place| rank(basket.reductions[place]));
    let (mut discounts, mut idle, mut closed) = (Vec::new(), Vec::new(), false);
    for place in order {
        let reduction = basket.reductions[place];
        let taken = reduction.check(basket.items, now).and_then(|()| {
            let alone = closed || (reduction.alone && !discounts.is_empty());
            if alone { Err(Idle::Alone) } else { take(reduction, basket.items, charges) }
        });
        match taken {
            Ok(discount) => {
                closed = reduction.alone;
                discounts.push(discount);
            }
            Err(why) => idle.push((place, why)),
        }
    }
    (discounts, idle)
}

/// Where a reduction stands in the row of all.
fn rank(reduction: &Reduction) -> (bool, i32, &str) {
    (!reduction.code.is_empty(), reduction.position, &reduction.source)
}

fn take(reduction: &Reduction, items: &[Item], charges: &mut [Charge]) -> Result<Discount, Idle> {
    let mut places: Vec<usize> = (0..items.len()).filter(|&place| reduction.is_for(&items[place])).collect();
    // By line, so that a unit that cannot be divided goes to the same one whatever the order.
    places.sort_by_key(|&place| items[place].line.uuid());
    let rests: Vec<i64> = places.iter().map(|&place| charges[place].remainder()).collect();
    let amount = reduction.cut.of(rests.iter().sum());
    if amount == 0 {
        return Err(Idle::NothingLeft);
    }
    for (place, part) in places.into_iter().zip(share(amount, &rests)) {
        charges[place].discount += part;
    }
    let Reduction { source, name, code, limits, .. } = reduction;
    Ok(Discount { source: source.clone(), name: name.clone(), code: code.clone(), amount, limits: *limits })
}

fn add_up(charges: Vec<Charge>, discounts: Vec<Discount>, delivery: Option<Delivery>) -> Result<Bill, Error> {
    let subtotal = sum(charges.iter().map(|charge| charge.subtotal))?;
    let discount = sum(charges.iter().map(|charge| charge.discount))?;
    let free = |from: i64| subtotal - discount >= from;
    let fare = delivery.filter(|delivery| !delivery.free_from.is_some_and(free));
    let shipping = fare.map_or(0, |delivery| delivery.price);
    let shipping_tax = fare.map_or((0, 0), |delivery| delivery.tax.on(delivery.price));
    let tax = sum(charges.iter().map(|charge| charge.tax).chain([shipping_tax.0]))?;
    let included_tax = sum(charges.iter().map(|charge| charge.included_tax).chain([shipping_tax.1]))?;
    let total = sum([subtotal - discount, shipping, tax])?;
    Ok(Bill { charges, discounts, subtotal, discount, shipping, shipping_tax, tax, included_tax, total })
}

fn sum(parts: impl IntoIterator<Item = i64>) -> Result<i64, Error> {
    parts.into_iter().try_fold(0_i64, i64::checked_add).ok_or(Error::TotalTooLarge)
}
