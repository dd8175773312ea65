//! What a customer's cart takes from the one that they filled as a guest.
use chrono::{DateTime, Utc};
use kit::{clock::timestamp, ids::CustomerId};
use proto::carts::v1::CartMerged;

use crate::{
    Error,
    cart::{Cart, Line, MOST_LINES},
    code,
};

impl Cart {
    /// Becomes that of `customer` as it is. Who had been named before as its owner is another matter: whoever knows what
    /// a cart is called may go on with it, not learn whose it was or to whom they give.
    pub(super) fn go_to(&mut self, customer: CustomerId) {
        if self.customer != Some(customer) {
            self.contact = None;
            if self.customer.is_some() {
                self.lines.retain(|line| line.gift.is_none());
            }
        }
        self.customer = Some(customer);
        self.claimed = true;
    }

    /// Takes the lines and codes of `guest`. Of what is in both the larger quantity stays; what finds no room is left. How it
    /// is shipped is what was said last, as a guest.
    pub(super) fn take_from(&mut self, guest: &Self) -> Result<(), Error> {
        if self.lines.is_empty() {
            self.shop = guest.shop.or(self.shop);
        } else if self.shop != guest.shop {
            return Err(Error::OtherCurrency);
        }
        let is_theirs = guest.customer.is_none_or(|customer| self.customer == Some(customer));
        for line in guest.lines.iter().filter(|line| is_theirs || line.gift.is_none()) {
            self.take(line);
        }
        self.method = guest.method.or(self.method);
        self.follow(&guest.attribution)?;
        for code in &guest.codes {
            if !self.codes.contains(code) && self.codes.len() < code::MOST {
                self.codes.push(code.clone());
            }
        }
        self.weigh()
    }

    fn take(&mut self, line: &Line) {
        if let Some(own) = self.lines.iter_mut().find(|own| own.is_same(line)) {
            own.quantity = own.quantity.max(line.quantity);
        } else if self.lines.len() < MOST_LINES {
            let position = self.lines.last().map_or(0, |last| last.position + 1);
            self.lines.push(Line { position, ..line.clone() });
        }
    }

    /// Passes when what it comes to can be counted.
    fn weigh(&self) -> Result<(), Error> {
        let cost = |line: &Line| i128::from(line.shown.price.unwrap_or_default()) * i128::from(line.quantity.pieces());
        let sum: i128 = self.lines.iter().map(cost).sum();
        i64::try_from(sum).map(drop).map_err(|_| Error::TotalTooLarge)
    }

    /// The lines that `guest` has, too, and how many of its lines are not here.
    pub(super) fn shares(&self, guest: &Self) -> (Vec<String>, u32) {
        let has = |cart: &Self, line: &Line| cart.lines.iter().any(|other| other.is_same(line));
        let lines = self.lines.iter().filter(|line| has(guest, line)).map(|line| line.id.to_string()).collect();
        let left_out = guest.lines.iter().filter(|line| !has(self, line)).count();
        (lines, u32::try_from(left_out).unwrap_or(u32::MAX))
    }

    /// The event that its lines went `into` another at `now`.
    pub(super) fn merged(&self, into: &Self, now: DateTime<Utc>) -> CartMerged {
        CartMerged {
            realm: self.realm.into(),
            cart: self.id.into(),
            into: into.id.into(),
            store: into.store().map(String::from).unwrap_or_default(),
            customer: into.customer.map(String::from).unwrap_or_default(),
            at: Some(timestamp(now)),
        }
    }
}
