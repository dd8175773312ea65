//! A cart as its page shows it: whose it is, what is in it, what it costs and why (CA-4, CA-5, CA-11).
use proto::{
    base::v1::Money,
    carts::v1::{self as pb, Cart, Contact},
    catalog::v1::Product,
    customers::v1::Customer,
};

use super::search::{choices, words};
use crate::{
    customers::title,
    show::{Badge, Fact, Moment, Redacted, postal, price, recipient},
    staff::Session,
};

/// What is masked of a cart for whoever may not see personal data.
const PERSONAL: [&str; 5] = ["email", "name", "phone", "attribution.gclid", "attribution.metadata"];

/// A cart.
pub struct Record {
    /// `cart_…`.
    pub id: String,
    /// Version that is seen.
    pub version: i64,
    /// `cus_…`; empty while nobody knows.
    pub customer: String,
    /// What they are called by.
    pub who: String,
    /// Name of the store it buys from.
    pub store: String,
    /// How it stands.
    pub states: Vec<Badge>,
    /// Whether it can change.
    pub is_open: bool,
    /// `ord_…` that it became.
    pub order: String,
    /// `cart_…` that took its lines.
    pub merged_into: String,
    /// When what happened, or will.
    pub times: Vec<(&'static str, Moment)>,
    /// What is in it.
    pub lines: Vec<Line>,
    /// What the total is made of.
    pub sums: Vec<(String, String)>,
    /// What is to be paid.
    pub total: String,
    /// Codes that were entered.
    pub codes: Vec<Code>,
    /// What is to be said about how it is shipped; empty where nothing is.
    pub shipping: &'static str,
    /// Who it is for, as it was entered.
    pub contact: Vec<Fact>,
    /// Where it goes: title, address and whether that is masked.
    pub addresses: Vec<(&'static str, String, bool)>,
}

/// A line of a cart.
pub struct Line {
    /// `line_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// SKU.
    pub sku: String,
    /// How many.
    pub quantity: String,
    /// Price of one.
    pub price: String,
    /// Price of all.
    pub subtotal: String,
    /// Its parts of what is taken off and of taxes, as far as there are any.
    pub parts: Vec<(&'static str, String)>,
    /// Whether it can still be bought.
    pub available: bool,
    /// Whom it is for; empty of what is no gift.
    pub to: String,
    /// Plan that it is bought by; empty for once.
    pub plan: String,
    /// The same in words.
    pub terms: String,
    /// How else it can be bought; a single one leaves no choice.
    pub choices: Vec<(String, String)>,
}

/// A code in a cart.
pub struct Code {
    /// In capitals.
    pub text: String,
    /// What it does, or why it does nothing.
    pub words: String,
    /// Whether it takes something off.
    pub works: bool,
}

/// Amounts in the currency of `cart`.
fn money(cart: &Cart) -> impl Fn(i64) -> String {
    let currency = cart.currency.clone();
    move |amount| match currency.as_str() {
        "" => "–".to_owned(),
        _ => price(Some(&Money { amount, currency: currency.clone() })),
    }
}

impl Record {
    /// `cart` of `owner`, if their record is known, with what the catalog has of its `products`.
    pub fn new(cart: &Cart, (owner, products): (Option<&Customer>, &[Product]), session: &Session) -> Self {
        let contact = cart.contact.clone().unwrap_or_default();
        let hidden = hidden(session);
        let redacted = Redacted(&hidden);
        let named = owner.map(title).into_iter().chain([contact.name.clone(), contact.email.clone()]);
        let mut states = vec![Badge::new(&cart.status)];
        if cart.abandoned_at.is_some() {
            states.push(Badge { label: "Abandoned".to_owned(), class: "bg-yellow-lt" });
        }
        Self {
            id: cart.id.clone(),
            version: cart.version,
            customer: cart.customer.clone(),
            who: named.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "Somebody".to_owned()),
            store: if cart.store.is_empty() { String::new() } else { session.store_name(&cart.store) },
            states,
            is_open: cart.status == "open",
            order: cart.order.clone(),
            merged_into: cart.merged_into.clone(),
            times: times(cart, session),
            lines: cart.lines.iter().map(|line| Line::new(line, products, &money(cart))).collect(),
            sums: sums(cart),
            total: money(cart)(cart.total),
            codes: cart.codes.iter().map(|entered| Code::new(entered, cart)).collect(),
            shipping: shipping(&cart.shipping_state),
            addresses: addresses(&contact, !session.sees_pii()),
            contact: facts(&contact, &redacted),
        }
    }

    /// Names of what is masked in it.
    pub fn masked(&self) -> Vec<String> {
        let facts = self.contact.iter().filter(|fact| fact.masked).map(|fact| fact.label.to_lowercase());
        facts.chain(self.addresses.iter().filter(|of| of.2).map(|of| of.0.to_lowercase())).collect()
    }
}

/// What is masked for whoever has `session` (ID-23).
pub fn hidden(session: &Session) -> Vec<String> {
    if session.sees_pii() { Vec::new() } else { PERSONAL.map(str::to_owned).into() }
}

fn times(cart: &Cart, session: &Session) -> Vec<(&'static str, Moment)> {
    let expires = cart.expires_at.as_ref().filter(|_| cart.status != "closed");
    let ends = if cart.status == "expired" { "Expired" } else { "Expires" };
    let times = [
        ("Opened", cart.created_at.as_ref()),
        ("Changed", cart.updated_at.as_ref()),
        ("Abandoned", cart.abandoned_at.as_ref()),
        (ends, expires),
    ];
    times.into_iter().filter_map(|(name, at)| Some((name, Moment::new(at, session.zone)?))).collect()
}

fn facts(contact: &Contact, redacted: &Redacted<'_>) -> Vec<Fact> {
    let known =
        [("Name", "name", &contact.name), ("E-mail", "email", &contact.email), ("Phone", "phone", &contact.phone)];
    known.into_iter().filter_map(|(label, field, value)| redacted.fact(label, field, value)).collect()
}

fn addresses(contact: &Contact, masked: bool) -> Vec<(&'static str, String, bool)> {
    let known = [("Shipping address", &contact.shipping), ("Billing address", &contact.billing)];
    known.into_iter().filter_map(|(title, address)| Some((title, postal(address.as_ref()?), masked))).collect()
}

/// What the total is made of; each discount by its name, with the code that brought it (CA-5).
fn sums(cart: &Cart) -> Vec<(String, String)> {
    let money = money(cart);
    // A voucher without a name is called by its code.
    let named = |discount: &pb::Discount| match discount.code.as_str() {
        code if code.is_empty() || discount.name.eq_ignore_ascii_case(code) => discount.name.clone(),
        code => format!("{} ({code})", discount.name),
    };
    let way = cart.shipping_method.as_ref().map(|way| format!("Shipping: {}", way.name));
    let subtotal = ("Subtotal".to_owned(), cart.subtotal);
    let discounts = cart.discounts.iter().map(|discount| (named(discount), -discount.amount));
    let rest = [
        (way.unwrap_or_else(|| "Shipping".to_owned()), cart.shipping),
        ("Tax".to_owned(), cart.tax),
        ("Tax included".to_owned(), cart.included_tax),
    ];
    let shown = rest.into_iter().filter(|(_, amount)| *amount != 0);
    [subtotal].into_iter().chain(discounts).chain(shown).map(|(name, amount)| (name, money(amount))).collect()
}

/// What is to be said about how a cart is shipped.
fn shipping(state: &str) -> &'static str {
    match state {
        "needed" => "Choose one: it is not checked out without.",
        "chosen" => "Chosen.",
        "withdrawn" => "The one that was chosen is no longer offered. Choose another one.",
        "elsewhere" => "The one that was chosen does not go to that country. Choose another one.",
        _ => "",
    }
}

impl Line {
    fn new(line: &pb::Line, products: &[Product], money: &impl Fn(i64) -> String) -> Self {
        let plan = line.plan.as_ref().map(|plan| plan.id.clone()).unwrap_or_default();
        let terms = line.plan.as_ref().map_or_else(|| "Once".to_owned(), words);
        let product = products.iter().find(|product| product.id == line.product);
        // What is given to somebody else is bought once.
        let mut choices = product.filter(|_| line.gift.is_none()).map(choices).unwrap_or_default();
        if !choices.iter().any(|(id, _)| *id == plan) {
            choices.insert(0, (plan.clone(), terms.clone()));
        }
        let parts = [("Discount", -line.discount), ("Tax", line.tax), ("Tax included", line.included_tax)];
        let parts = parts.into_iter().filter(|part| part.1 != 0);
        Self {
            id: line.id.clone(),
            name: line.name.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity.to_string(),
            price: money(line.price),
            subtotal: money(line.subtotal),
            parts: parts.map(|(name, amount)| (name, money(amount))).collect(),
            available: line.available,
            to: recipient(line.gift.as_ref()),
            plan,
            terms,
            choices,
        }
    }
}

impl Code {
    fn new(entered: &pb::EnteredCode, cart: &Cart) -> Self {
        let off = cart.discounts.iter().filter(|discount| discount.code == entered.code);
        let off: i64 = off.map(|discount| discount.amount).fold(0, i64::saturating_add);
        let works = entered.idle.is_empty();
        let words = if works { format!("Takes {} off", money(cart)(off)) } else { idle(&entered.idle).to_owned() };
        Self { text: entered.code.clone(), words, works }
    }
}

/// Why a code takes nothing off, in words (CA-5).
fn idle(why: &str) -> &'static str {
    match why {
        "unknown" => "Takes nothing off: there is no such voucher any more",
        "not_yet_valid" => "Takes nothing off yet: its time has not come",
        "expired" => "Takes nothing off: it has expired",
        "no_matching_product" => "Takes nothing off: nothing in the cart is what it is for",
        "quantity_not_reached" => "Takes nothing off yet: it asks for more pieces",
        "minimum_not_reached" => "Takes nothing off yet: it asks for a larger sum",
        "not_combinable" => "Takes nothing off: it does not go together with what else is taken off",
        "nothing_left" => "Takes nothing off: there is nothing left to take it from",
        _ => "Takes nothing off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    /// CA-5, CA-11: the page names every discount and why a code takes nothing off; what is nothing is left out.
    #[test]
    fn what_is_taken_off_is_told() {
        let discount =
            |name, code, amount| pb::Discount { name: text(name), code: text(code), amount, ..Default::default() };
        let entered = |code, idle| pb::EnteredCode { code: text(code), idle: text(idle) };
        let cart = Cart {
            currency: text("EUR"),
            subtotal: 2_000,
            total: 1_500,
            discounts: vec![discount("Three for two", "", 300), discount("Spring sale", "SPRING", 200)],
            codes: vec![entered("SPRING", ""), entered("BIG", "minimum_not_reached")],
            ..Cart::default()
        };
        let expected =
            [("Subtotal", "20.00 EUR"), ("Three for two", "-3.00 EUR"), ("Spring sale (SPRING)", "-2.00 EUR")];
        assert_eq!(sums(&cart), expected.map(|(name, sum)| (text(name), text(sum))));
        let codes: Vec<_> =
            cart.codes.iter().map(|one| Code::new(one, &cart)).map(|one| (one.words, one.works)).collect();
        assert_eq!(codes[0], (text("Takes 2.00 EUR off"), true));
        assert_eq!(codes[1], (text("Takes nothing off yet: it asks for a larger sum"), false));
    }

    /// CA-4: a line is bought once or by a plan of its product; one that is not sold any more stays until another is chosen,
    /// and what the catalog does not tell leaves no choice.
    #[test]
    fn a_line_keeps_its_plan() {
        let price = Some(Money { amount: 1_000, currency: text("EUR") });
        let plan = |id, active| proto::catalog::v1::Plan {
            id: text(id),
            name: text("Club"),
            interval: text("month"),
            count: 1,
            price: price.clone(),
            active,
            ..Default::default()
        };
        let product = Product {
            id: text("prd_1"),
            price: price.clone(),
            plans: vec![plan("plan_2", true)],
            ..Default::default()
        };
        let line = pb::Line { product: text("prd_1"), plan: Some(plan("plan_1", false)), ..Default::default() };
        let shown = |products: &[Product]| Line::new(&line, products, &|amount| amount.to_string());
        let ids = |line: &Line| line.choices.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&shown(std::slice::from_ref(&product))), ["plan_1", "", "plan_2"]);
        assert_eq!(ids(&shown(&[])), ["plan_1"]);
        let given = pb::Line { plan: None, gift: Some(pb::Gift::default()), ..line.clone() };
        assert_eq!(ids(&Line::new(&given, &[product], &|amount| amount.to_string())), [""]);
    }
}
