//! Word of what became of an order: sent, cancelled, money given back (OR-2, OR-5).
use kit::money::Money;
use proto::orders::v1::Order;

use super::{
    kind::Template,
    render::{Rendered, letter},
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// What is told.
struct Word {
    lead: String,
    /// What is in the parcel, or what went back.
    lines: Vec<(u32, String)>,
    /// Carrier and number; may be empty.
    tracking: String,
    /// A page to follow it on; may be empty.
    page: String,
}

#[derive(askama::Template)]
#[template(path = "order_word.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    word: &'a Word,
}

#[derive(askama::Template)]
#[template(path = "order_word.txt")]
struct Text<'a> {
    shop: &'a Shop,
    word: &'a Word,
}

/// The message `template` about `order`; `part` is the id of the shipment or the refund that it tells of.
pub fn word(shop: &Shop, template: Template, (order, part): (&Order, &str)) -> Result<Rendered, Trouble> {
    let (number, name) = (clean(&order.number), isolate(&shop.name));
    let unknown = || Trouble::Lasting("order_unreadable");
    let (subject, word) = match template {
        Template::OrderSent => {
            let parcel = order.shipments.iter().find(|shipment| shipment.id == part).ok_or_else(unknown)?;
            let tracking = [&*parcel.carrier, &*parcel.number].into_iter().filter(|text| !text.is_empty());
            let word = Word {
                lead: format!("This has just left {name} for you (order {number}):"),
                lines: named(order, parcel.lines.iter().map(|line| (&*line.line, line.quantity))),
                tracking: clean(&tracking.collect::<Vec<_>>().join(" ")),
                page: parcel.url.clone(),
            };
            (format!("Your order {number} at {name} is on its way"), word)
        }
        Template::OrderRefunded => {
            let refund = order.refunds.iter().find(|refund| refund.id == part).ok_or_else(unknown)?;
            let amount = refund.amount.as_ref().and_then(|amount| Money::parse(amount).ok()).ok_or_else(unknown)?;
            let lines = named(order, refund.lines.iter().map(|line| (&*line.line, line.quantity)));
            let lead = format!("{name} has given {amount} back to you for your order {number}.");
            (format!("{amount} back for your order {number} at {name}"), plain(lead, lines))
        }
        Template::OrderCancelled => {
            let lead = format!("Your order {number} at {name} was cancelled. Whatever you paid goes back to you.");
            (format!("Your order {number} at {name} was cancelled"), plain(lead, Vec::new()))
        }
        _ => return Err(Trouble::Lasting("template_broken")),
    };
    let html = Html { shop, subject: &subject, word: &word };
    letter(&Text { shop, word: &word }, &html).map(|letter| letter.titled(subject.clone()))
}

fn plain(lead: String, lines: Vec<(u32, String)>) -> Word {
    Word { lead, lines, tracking: String::new(), page: String::new() }
}

/// Units of lines by the names of what they are.
fn named<'a>(order: &Order, units: impl Iterator<Item = (&'a str, u32)>) -> Vec<(u32, String)> {
    let name = |id: &str| order.lines.iter().find(|line| line.id == id).map(|line| clean(&line.name));
    units.filter_map(|(line, quantity)| Some((quantity, name(line)?))).collect()
}

#[cfg(test)]
mod tests {
    use proto::{
        base::v1::Money as PbMoney,
        orders::v1::{LineQuantity, OrderLine, Refund, RefundedLine, Shipment},
    };

    use super::*;

    fn order() -> Order {
        let line = OrderLine { id: "line_1".to_owned(), name: "A <mug>".to_owned(), ..OrderLine::default() };
        let shipment = Shipment {
            id: "shp_1".to_owned(),
            carrier: "DHL".to_owned(),
            number: "00340".to_owned(),
            url: "https://dhl.example/00340".to_owned(),
            lines: vec![LineQuantity { line: "line_1".to_owned(), quantity: 2 }],
            ..Shipment::default()
        };
        let refund = Refund {
            id: "rfd_1".to_owned(),
            amount: Some(PbMoney { amount: 1999, currency: "EUR".to_owned() }),
            lines: vec![RefundedLine { line: "line_1".to_owned(), quantity: 1, ..RefundedLine::default() }],
            reason: "Ms Secret complained.".to_owned(),
            ..Refund::default()
        };
        let (lines, shipments, refunds) = (vec![line], vec![shipment], vec![refund]);
        Order { number: "1042".to_owned(), lines, shipments, refunds, ..Order::default() }
    }

    /// OR-2, OR-5: the customer learns what is on its way and how to follow it, and what comes back; never staff's words.
    #[test]
    fn each_says_what_became_of_the_order() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() };
        let sent = word(&shop, Template::OrderSent, (&order(), "shp_1"))?;
        assert!(sent.text.contains("2 × ") && sent.text.contains("DHL 00340"), "{}", sent.text);
        let html = sent.html.unwrap_or_default();
        assert!(html.contains("https://dhl.example/00340") && html.contains("A &#60;mug&#62;"), "{html}");
        let back = word(&shop, Template::OrderRefunded, (&order(), "rfd_1"))?;
        assert!(back.subject.starts_with("19.99 EUR back") && !format!("{back:?}").contains("Secret"), "{back:?}");
        assert!(word(&shop, Template::OrderCancelled, (&order(), ""))?.text.contains("1042"));
        assert!(word(&shop, Template::OrderSent, (&order(), "shp_2")).is_err());
        Ok(())
    }
}
