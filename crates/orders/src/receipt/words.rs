//! Puts a receipt into words.
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kit::{clock::datetime, money::Money};
use proto::{
    base::v1::{self as base, Address},
    orders::v1 as pb,
};

use super::{
    paper::{Paper, Row, Sum},
    receipt::zone,
};

/// `receipt`, masked or not, in words.
pub fn words(receipt: &pb::Receipt) -> Paper {
    let heading = match &*receipt.kind {
        "credit_note" => "Credit note",
        "credit_note_cancellation" => "Cancellation of credit note",
        _ => "Receipt",
    };
    let is_credit = heading != "Receipt";
    let zone = zone(&receipt.timezone);
    let issued_at = receipt.issued_at.as_ref().and_then(datetime).unwrap_or_default();
    Paper {
        heading: heading.to_owned(),
        number: receipt.number.clone(),
        seller: seller(receipt),
        buyer: buyer(receipt),
        facts: facts(receipt, (issued_at, zone)),
        rows: receipt.lines.iter().map(row).collect(),
        sums: sums(receipt, is_credit),
        remarks: Vec::new(),
        issued_at,
    }
}

fn money(money: Option<&base::Money>) -> String {
    money.and_then(|money| Money::parse(money).ok()).map(|money| money.to_string()).unwrap_or_default()
}

/// The same, taken off.
fn less(amount: i64, currency: &str) -> String {
    format!("−{}", money(Some(&base::Money { amount, currency: currency.to_owned() })))
}

fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %B %Y").to_string()
}

fn seller(receipt: &pb::Receipt) -> Vec<String> {
    let pb::ReceiptSeller { name, country, mail, url } = receipt.seller.clone().unwrap_or_default();
    some([name, country, url, mail])
}

fn some<const N: usize>(texts: [String; N]) -> Vec<String> {
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// Who bought: where it was billed, or else shipped, under the name that the order has.
fn buyer(receipt: &pb::Receipt) -> Vec<String> {
    let address = receipt.billing.as_ref().or(receipt.shipping_address.as_ref()).cloned().unwrap_or_default();
    let Address { name, business, line1, line2, city, region, postal_code, country, .. } = address;
    let place = some([postal_code, city]).join(" ");
    let name = if name.is_empty() { receipt.name.clone() } else { name };
    some([business, name, line1, line2, place, region, country, receipt.email.clone()])
}

fn facts(receipt: &pb::Receipt, (issued_at, zone): (DateTime<Utc>, Tz)) -> Vec<(String, String)> {
    let fact = |word: &str, text: String| (word.to_owned(), text);
    let mut facts = vec![fact("Date", day(issued_at, zone)), fact("Order", receipt.order_number.clone())];
    if let Some(at) = receipt.placed_at.as_ref().and_then(datetime) {
        facts.push(fact("Ordered", day(at, zone)));
    }
    if !receipt.corrects.is_empty() {
        facts.push(fact("Receipt", receipt.corrects.clone()));
    }
    if !receipt.cancels.is_empty() {
        facts.push(fact("Credit note", receipt.cancels.clone()));
    }
    let word = if receipt.corrects.is_empty() { "Paid" } else { "Paid back" };
    for payment in &receipt.payments {
        let at = payment.at.as_ref().and_then(datetime).unwrap_or(issued_at);
        let text = format!("{}, {}: {}", money(payment.amount.as_ref()), day(at, zone), payment.description);
        facts.push(fact(word, text));
    }
    facts
}

fn row(line: &pb::ReceiptLine) -> Row {
    Row {
        name: if line.name.is_empty() { "Refund".to_owned() } else { line.name.clone() },
        detail: line.sku.clone(),
        quantity: if line.quantity == 0 { String::new() } else { line.quantity.to_string() },
        price: money(line.price.as_ref()),
        amount: money(line.subtotal.as_ref()),
    }
}

fn sums(receipt: &pb::Receipt, is_credit: bool) -> Vec<Sum> {
    let total = receipt.total.clone().unwrap_or_default();
    let sum = |label: &str, amount: String| Sum { label: label.to_owned(), amount, strong: false };
    let amount = |money: Option<&base::Money>| money.map_or(0, |money| money.amount);
    let mut sums = vec![sum("Subtotal", money(receipt.subtotal.as_ref()))];
    for discount in &receipt.discounts {
        let code = if discount.code.is_empty() { String::new() } else { format!(" ({})", discount.code) };
        sums.push(sum(&format!("{}{code}", discount.name), less(discount.amount, &total.currency)));
    }
    let named: i64 = receipt.discounts.iter().map(|discount| discount.amount).sum();
    if amount(receipt.discount.as_ref()) != named {
        sums.push(sum("Discount", less(amount(receipt.discount.as_ref()) - named, &total.currency)));
    }
    if amount(receipt.shipping.as_ref()) != 0 {
        sums.push(sum("Shipping", money(receipt.shipping.as_ref())));
    }
    if !is_credit && amount(receipt.tax.as_ref()) != 0 {
        sums.push(sum("Tax", money(receipt.tax.as_ref())));
    }
    let label = if is_credit { "Paid back" } else { "Total" };
    sums.push(Sum { strong: true, ..sum(label, money(Some(&total))) });
    let within = if is_credit { &receipt.tax } else { &receipt.included_tax };
    if amount(within.as_ref()) != 0 {
        sums.push(sum("Tax within", money(within.as_ref())));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as messages carry it")]
    fn amount(amount: i64, currency: &str) -> Option<base::Money> {
        Some(base::Money { amount, currency: currency.to_owned() })
    }

    fn receipt(currency: &str) -> pb::Receipt {
        let line = pb::ReceiptLine {
            name: "Mug".to_owned(),
            sku: "MUG".to_owned(),
            quantity: 2,
            price: amount(1_999, currency),
            subtotal: amount(3_998, currency),
        };
        pb::Receipt {
            kind: "receipt".to_owned(),
            number: "2026-000001".to_owned(),
            name: "Ann".to_owned(),
            lines: vec![line],
            subtotal: amount(3_998, currency),
            discount: amount(100, currency),
            tax: amount(10, currency),
            total: amount(3_908, currency),
            discounts: vec![pb::AppliedDiscount {
                name: "Spring".to_owned(),
                code: "MAY".to_owned(),
                amount: 100,
                ..Default::default()
            }],
            ..pb::Receipt::default()
        }
    }

    /// OR-6, CA-11: amounts are written with as many decimals as their currency has.
    #[test]
    fn amounts_of_every_currency() {
        for (currency, total, price) in
            [("EUR", "39.08 EUR", "19.99 EUR"), ("JPY", "3908 JPY", "1999 JPY"), ("KWD", "3.908 KWD", "1.999 KWD")]
        {
            let paper = words(&receipt(currency));
            assert_eq!(paper.rows[0].price, price);
            let strong: Vec<_> = paper.sums.iter().filter(|sum| sum.strong).map(|sum| &*sum.amount).collect();
            assert_eq!(strong, [total]);
        }
        let paper = words(&receipt("EUR"));
        let sums: Vec<_> = paper.sums.iter().map(|sum| (&*sum.label, &*sum.amount)).collect();
        let expected =
            [("Subtotal", "39.98 EUR"), ("Spring (MAY)", "−1.00 EUR"), ("Tax", "0.10 EUR"), ("Total", "39.08 EUR")];
        assert_eq!(sums, expected);
    }

    /// OR-6: days are those of the store's calendar.
    #[test]
    fn days_are_those_of_the_store() {
        let at = "2026-12-31T23:30:00Z".parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(day(at, zone("Europe/Berlin")), "1 January 2027");
        assert_eq!(day(at, zone("America/New_York")), "31 December 2026");
    }
}
