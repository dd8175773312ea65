//! What a cart holds at the moment it is looked at, ready to be frozen into an order.
use chrono::{DateTime, Utc};
use kit::{
    Error as Kit,
    attribution::Attribution,
    ids::{CartId, LineId, RealmId, StoreId},
    money::{self, Currency, Money},
};
use proto::{carts::v1 as carts, catalog::v1 as catalog};

use crate::{
    error::Error,
    order::{Contact, Delivery, Discount, Line, Plan, TaxRate, Totals},
    voucher::Voucher,
};

/// A cart that can be bought as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The cart.
    pub cart: CartId,
    /// Its customer base.
    pub realm: RealmId,
    /// Who sells.
    pub store: StoreId,
    /// What it costs.
    pub totals: Totals,
    /// What it holds.
    pub lines: Vec<Line>,
    /// What is taken off and why.
    pub discounts: Vec<Discount>,
    /// Vouchers among these.
    pub vouchers: Vec<Voucher>,
    /// How it is shipped; none where nothing is, or nothing was chosen.
    pub delivery: Option<Delivery>,
    /// How it stands with that, as the cart says.
    way: String,
    /// Who and what brought it about.
    pub attribution: Attribution,
    /// Who it belongs to, as far as the cart knows.
    pub contact: Contact,
    /// Text id of that customer; may be empty.
    pub customer: String,
    /// Whether a client's own key finds it, which can be guessed.
    pub has_key: bool,
}

impl Purchase {
    /// Reads a cart, or says why it cannot be bought.
    pub fn read(cart: carts::Cart, now: DateTime<Utc>) -> Result<Self, Error> {
        if cart.status != "open" {
            return Err(Error::CartClosed);
        }
        if cart.lines.is_empty() {
            return Err(Error::CartEmpty);
        }
        if let Some(line) = cart.lines.iter().find(|line| !line.available) {
            return Err(Error::ProductUnavailable(line.name.clone()));
        }
        let currency = money::currency(&cart.currency).map_err(odd)?;
        let lines = cart.lines.into_iter().map(|line| freeze(line, now)).collect::<Result<Vec<_>, Error>>()?;
        let zero = Money::new(0, currency);
        let subtotal =
            lines.iter().try_fold(zero, |sum, line| sum.plus(Money::new(line.subtotal, currency))).map_err(odd)?;
        let discount: i64 = cart.discounts.iter().map(|discount| discount.amount).sum();
        let shares: i64 = lines.iter().map(|line| line.discount).sum();
        if shares != discount {
            return Err(odd("what is taken off does not add up"));
        }
        let delivery = cart.shipping_method.map(Delivery::from);
        let totals = total((currency, subtotal.amount), discount, &lines, delivery.as_ref())?;
        if (totals.total, totals.shipping, totals.tax) != (cart.total, cart.shipping, cart.tax) {
            return Err(odd("what is to be paid does not add up"));
        }
        let vouchers = cart.discounts.iter().filter(|discount| !discount.code.is_empty()).map(voucher);
        let vouchers = vouchers.collect::<Result<_, Error>>()?;
        Ok(Self {
            cart: cart.id.parse().map_err(odd)?,
            realm: cart.realm.parse().map_err(odd)?,
            store: cart.store.parse().map_err(odd)?,
            totals,
            lines,
            discounts: cart.discounts.into_iter().map(discounted).collect(),
            vouchers,
            delivery,
            way: cart.shipping_state,
            attribution: cart.attribution.map(Attribution::from).unwrap_or_default(),
            contact: cart.contact.map(Contact::from).unwrap_or_default(),
            customer: cart.customer,
            has_key: !cart.client_key.is_empty(),
        })
    }
}

impl Purchase {
    /// Passes when it is known how it is shipped, or nothing is (CA-11).
    pub fn check_delivery(&self) -> Result<(), Error> {
        match &*self.way {
            "needed" => Err(Error::ShippingMethodNeeded),
            "withdrawn" => Err(Error::ShippingMethodWithdrawn),
            "elsewhere" => Err(Error::ShippingMethodElsewhere),
            _ => Ok(()),
        }
    }

    /// Whether anything of it renews.
    #[must_use]
    pub fn renews(&self) -> bool {
        self.lines.iter().any(|line| line.plan.is_some())
    }

    /// The same with periods that are counted in the time zone `zone`.
    #[must_use]
    pub fn counted_in(mut self, zone: &str) -> Self {
        self.lines.iter_mut().filter_map(|line| line.plan.as_mut()).for_each(|plan| zone.clone_into(&mut plan.zone));
        self
    }
}

/// What it costs in all: each sum is that of its parts.
fn total(
    (currency, subtotal): (Currency, i64),
    discount: i64,
    lines: &[Line],
    delivery: Option<&Delivery>,
) -> Result<Totals, Error> {
    let sum = |mut parts: Box<dyn Iterator<Item = i64> + '_>| {
        parts.try_fold(0_i64, i64::checked_add).ok_or_else(|| odd("it is more than can be counted"))
    };
    let (shipping, shipping_tax) = delivery.map_or((0, 0), |delivery| (delivery.price, delivery.tax));
    let included = delivery.map_or(0, |delivery| delivery.included_tax);
    if shipping.min(shipping_tax).min(included) < 0 {
        return Err(odd("shipping costs less than nothing"));
    }
    let tax = sum(Box::new(lines.iter().map(|line| line.tax).chain([shipping_tax])))?;
    let included_tax = sum(Box::new(lines.iter().map(|line| line.included_tax).chain([included])))?;
    let total = sum(Box::new([subtotal, -discount, shipping, tax].into_iter()))?;
    Ok(Totals { currency, subtotal, discount, shipping, tax, shipping_tax, included_tax, total })
}

fn freeze(line: carts::Line, now: DateTime<Utc>) -> Result<Line, Error> {
    let is_sum = line.price.checked_mul(i64::from(line.quantity)) == Some(line.subtotal);
    let is_taxed = line.tax >= 0 && (0..=line.subtotal - line.discount).contains(&line.included_tax);
    if !is_sum || !(0..=line.subtotal).contains(&line.discount) || !is_taxed {
        return Err(odd("a line does not add up"));
    }
    Ok(Line {
        id: LineId::new(now),
        product: line.product.parse().map_err(odd)?,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        price: line.price,
        subtotal: line.subtotal,
        kind: line.kind,
        discount: line.discount,
        tax: line.tax,
        included_tax: line.included_tax,
        tax_rate: TaxRate { rate: line.tax_rate, included: line.tax_included },
        plan: line.plan.map(renewing),
        package: line.package,
        contents: None,
        gift: line.gift.map(Into::into),
        fulfilled: 0,
        refunded: 0,
    })
}

/// How a line renews. By which clock its periods are counted is known when it is bought.
fn renewing(plan: catalog::Plan) -> Plan {
    let catalog::Plan { id, interval, count, price, trial_days, .. } = plan;
    Plan { id, interval, count, price: price.map(|price| price.amount), trial_days, zone: String::new() }
}

fn discounted(discount: carts::Discount) -> Discount {
    let carts::Discount { promotion, name, code, amount, .. } = discount;
    Discount { promotion, name, code, amount }
}

fn voucher(discount: &carts::Discount) -> Result<Voucher, Error> {
    let limit = |limit: u32| Some(limit).filter(|limit| *limit > 0);
    Ok(Voucher {
        id: discount.promotion.parse().map_err(odd)?,
        code: discount.code.clone(),
        uses: limit(discount.max_uses),
        uses_per_customer: limit(discount.max_uses_per_customer),
    })
}

/// A cart that makes no sense is a defect in the house, not the caller's.
fn odd(what: impl std::fmt::Display) -> Error {
    Kit::Internal(format!("a cart cannot be read: {what}")).into()
}

#[cfg(test)]
mod tests {
    use kit::failure::Failure;
    use proptest::prelude::*;

    use super::*;

    fn cart(lines: Vec<(i64, u32)>) -> carts::Cart {
        let now = DateTime::UNIX_EPOCH;
        let line = |(price, quantity): (i64, u32)| carts::Line {
            product: kit::ids::ProductId::new(now).into(),
            name: "Lamp".to_owned(),
            quantity,
            price,
            subtotal: price * i64::from(quantity),
            available: true,
            kind: "physical".to_owned(),
            ..Default::default()
        };
        let lines: Vec<_> = lines.into_iter().map(line).collect();
        let total = lines.iter().map(|line| line.subtotal).sum();
        let id = CartId::new(now);
        carts::Cart {
            id: id.into(),
            realm: RealmId::from_uuid(id.uuid()).into(),
            store: StoreId::from_uuid(id.uuid()).into(),
            status: "open".to_owned(),
            currency: "EUR".to_owned(),
            subtotal: total,
            total,
            lines,
            ..Default::default()
        }
    }

    fn reason(cart: carts::Cart) -> &'static str {
        Purchase::read(cart, DateTime::UNIX_EPOCH).expect_err("cannot be bought").reason()
    }

    #[test]
    fn only_an_open_cart_of_available_things_is_bought() {
        assert_eq!(reason(cart(vec![])), "cart_empty");
        assert_eq!(reason(carts::Cart { status: "closed".to_owned(), ..cart(vec![(1, 1)]) }), "cart_closed");
        assert_eq!(reason(carts::Cart { status: "expired".to_owned(), ..cart(vec![]) }), "cart_closed");
        let mut gone = cart(vec![(1, 1), (2, 2)]);
        gone.lines[1].available = false;
        assert_eq!(reason(gone), "product_unavailable");
    }

    #[test]
    fn a_cart_that_does_not_add_up_is_not_bought() {
        let mut wrong = cart(vec![(5, 2)]);
        wrong.lines[0].subtotal = 11;
        assert_eq!(reason(wrong), "internal");
        assert_eq!(reason(carts::Cart { total: 11, ..cart(vec![(5, 2)]) }), "internal");
    }

    proptest! {
        /// CA-11: the parts of an order always add up to its total.
        #[test]
        fn parts_add_up(lines in prop::collection::vec((0_i64..1_000_000, 1_u32..9_999), 1..20), off in 0_i64..100) {
            let mut given = cart(lines);
            let off = off.min(given.total);
            given.total -= off;
            given.discounts = vec![carts::Discount { amount: off, ..Default::default() }];
            let subtotals: Vec<_> = given.lines.iter().map(|line| line.subtotal).collect();
            for (line, part) in given.lines.iter_mut().zip(money::share(off, &subtotals)) {
                line.discount = part;
            }
            let purchase = Purchase::read(given, DateTime::UNIX_EPOCH).expect("can be bought");
            let totals = purchase.totals;
            prop_assert_eq!(purchase.lines.iter().map(|line| line.subtotal).sum::<i64>(), totals.subtotal);
            prop_assert_eq!(totals.subtotal - totals.discount + totals.shipping + totals.tax, totals.total);
        }
    }
}
