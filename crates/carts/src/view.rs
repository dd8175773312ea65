//! A cart as an actor gets to see it.
use chrono::{DateTime, Utc};
use kit::{actor::Actor, clock::timestamp, personal::redact};
use proto::carts::v1 as pb;

use crate::{
    access::{self, Person},
    cart::Cart,
    priced::Priced,
};

/// `cart` with its prices, as `actor` may see it at `now`.
#[must_use]
pub fn show(cart: &Cart, priced: Priced, actor: &Actor, now: DateTime<Utc>) -> pb::Cart {
    let shown = show_to(access::person(actor, cart), cart, priced, now);
    // What brought it about is for staff, and for the house.
    let attribution = shown.attribution.filter(|_| actor.is_staff() || actor.is_system());
    pb::Cart { attribution, ..shown }
}

/// `cart` with its prices, to whoever sees so much of the person behind it.
#[must_use]
pub fn show_to(person: Person, cart: &Cart, priced: Priced, now: DateTime<Utc>) -> pb::Cart {
    let text = |id: Option<String>| id.unwrap_or_default();
    let contact = cart.contact.clone().map(pb::Contact::from);
    let known = cart.attribution.clone().told();
    let (discount, total) = (priced.discount(), priced.total());
    pb::Cart {
        id: cart.id.into(),
        realm: cart.realm.into(),
        store: text(cart.store().map(String::from)),
        customer: text(cart.customer.filter(|_| person != Person::Hidden).map(String::from)),
        status: cart.status(now).slug().to_owned(),
        currency: text(cart.shop.map(|(_, currency)| currency.code().to_owned())),
        subtotal: priced.subtotal,
        discount,
        total,
        shipping: priced.shipping(),
        tax: priced.tax(),
        included_tax: priced.included_tax(),
        shipping_method: priced.delivery,
        shipping_state: if priced.way.is_empty() { "not_needed" } else { priced.way }.to_owned(),
        discounts: priced.discounts,
        codes: priced.codes,
        lines: priced.lines.into_iter().map(|line| given((person, cart), line)).collect(),
        contact: match person {
            Person::Clear => contact,
            Person::Masked => contact.map(redact),
            Person::Hidden => None,
        },
        version: cart.version,
        expires_at: Some(timestamp(cart.expires_at)),
        created_at: Some(timestamp(cart.created_at)),
        updated_at: Some(timestamp(cart.updated_at)),
        client_key: cart.client_key.as_ref().map(|key| key.as_str().to_owned()).unwrap_or_default(),
        order: text(cart.order.map(String::from)),
        merged_into: text(cart.merged_into.map(String::from)),
        abandoned_at: cart.abandoned_at(now).map(timestamp),
        attribution: match person {
            Person::Clear => known,
            Person::Masked => known.map(redact),
            Person::Hidden => None,
        },
    }
}

/// `line` of `cart` with whom it is for as far as that is seen. Whoever gave it sees enough to tell one from another; where
/// the cart goes by a name that others may guess, all they see is that it is a gift.
fn given((person, cart): (Person, &Cart), line: pb::Line) -> pb::Line {
    let gift = match person {
        Person::Clear => line.gift,
        Person::Hidden if cart.client_key.is_some() => line.gift.map(|_| pb::Gift::default()),
        Person::Masked | Person::Hidden => line.gift.map(redact),
    };
    pb::Line { gift, ..line }
}
