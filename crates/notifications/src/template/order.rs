//! The confirmation of an order.
use askama::Template;
use kit::money::Money;
use proto::{
    base::v1::{Address, Money as PbMoney},
    orders::v1::{Order, OrderLine},
};

use super::{
    render::{Rendered, letter},
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// What the templates show of an order.
struct Confirmation {
    name: String,
    number: String,
    lines: Vec<Line>,
    sums: Vec<Sum>,
    total: String,
    address: Vec<String>,
    paid: bool,
}

struct Line {
    name: String,
    quantity: u32,
    amount: String,
}

struct Sum {
    label: &'static str,
    amount: String,
}

#[derive(Template)]
#[template(path = "order_confirmation.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    order: &'a Confirmation,
}

#[derive(Template)]
#[template(path = "order_confirmation.txt")]
struct Text<'a> {
    shop: &'a Shop,
    order: &'a Confirmation,
}

/// The confirmation of `order`.
pub fn order_confirmation(shop: &Shop, order: &Order) -> Result<Rendered, Trouble> {
    let order = Confirmation::of(order)?;
    let subject = format!("Your order {} at {}", order.number, isolate(&shop.name));
    letter(&Text { shop, order: &order }, &Html { shop, subject: &subject, order: &order })
        .map(|text| text.titled(subject.clone()))
}

impl Confirmation {
    fn of(order: &Order) -> Result<Self, Trouble> {
        let mut sums = vec![Sum { label: "Subtotal", amount: amount(order.subtotal.as_ref(), "")? }];
        let all = [
            ("Discount", "−", &order.discount),
            ("Shipping", "", &order.shipping),
            ("Tax", "", &order.tax),
            ("Tax included", "", &order.included_tax),
        ];
        for (label, sign, money) in all {
            if money.as_ref().is_some_and(|money| money.amount != 0) {
                sums.push(Sum { label, amount: amount(money.as_ref(), sign)? });
            }
        }
        Ok(Self {
            name: clean(&order.name),
            number: clean(&order.number),
            lines: order.lines.iter().map(Line::of).collect::<Result<_, _>>()?,
            sums,
            total: amount(order.total.as_ref(), "")?,
            address: order.shipping_address.as_ref().map(address).unwrap_or_default(),
            paid: order.payment_status == "paid",
        })
    }
}

impl Line {
    fn of(line: &OrderLine) -> Result<Self, Trouble> {
        let amount = amount(line.subtotal.as_ref(), "")?;
        Ok(Self { name: clean(&line.name), quantity: line.quantity, amount })
    }
}

fn amount(money: Option<&PbMoney>, sign: &str) -> Result<String, Trouble> {
    let money = money.and_then(|money| Money::parse(money).ok()).ok_or(Trouble::Lasting("order_unreadable"))?;
    Ok(format!("{sign}{money}"))
}

/// The address line by line, postal code in front of the town as most of the world writes it.
fn address(address: &Address) -> Vec<String> {
    let town = format!("{} {}", address.postal_code, address.city);
    let lines = [&address.name, &address.business, &address.line1, &address.line2, &town, &address.region];
    lines.into_iter().chain([&address.country]).map(|line| clean(line)).filter(|line| !line.is_empty()).collect()
}
