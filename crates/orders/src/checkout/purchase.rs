//! What a cart holds at the moment it is looked at, ready to be frozen into an order.
use chrono::{DateTime, Utc};
use kit::{
    Error as Kit,
    ids::{CartId, LineId, RealmId, StoreId},
    money::{self, Money, MoneyError},
};
use proto::carts::v1 as carts;

use crate::{
    error::Error,
    order::{Contact, Line, Totals},
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
        // Until shipping and tax are rows of their own, whatever the cart takes off is a discount.
        let discount = subtotal.amount.checked_sub(cart.total).filter(|discount| *discount >= 0);
        let discount = discount.ok_or_else(|| odd(MoneyError::TooLarge))?;
        Ok(Self {
            cart: cart.id.parse().map_err(odd)?,
            realm: cart.realm.parse().map_err(odd)?,
            store: cart.store.parse().map_err(odd)?,
            totals: Totals { currency, subtotal: subtotal.amount, discount, shipping: 0, tax: 0, total: cart.total },
            lines,
            contact: cart.contact.map(Contact::from).unwrap_or_default(),
            customer: cart.customer,
            has_key: !cart.client_key.is_empty(),
        })
    }
}

fn freeze(line: carts::Line, now: DateTime<Utc>) -> Result<Line, Error> {
    let is_sum = line.price.checked_mul(i64::from(line.quantity)) == Some(line.subtotal);
    if !is_sum {
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
            given.total -= off.min(given.total);
            let purchase = Purchase::read(given, DateTime::UNIX_EPOCH).expect("can be bought");
            let totals = purchase.totals;
            prop_assert_eq!(purchase.lines.iter().map(|line| line.subtotal).sum::<i64>(), totals.subtotal);
            prop_assert_eq!(totals.subtotal - totals.discount + totals.shipping + totals.tax, totals.total);
        }
    }
}
