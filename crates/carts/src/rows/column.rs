//! The columns that the list can have as a file.
use kit::rows::{Column, moment, number, text};
use proto::{
    base::v1::{Address, Attribution, Cell, Money, cell::Value},
    carts::v1::{Cart, Contact},
};

/// Every column.
pub const ALL: &[Column<Cart>] = &[
    Column { name: "id", cell: |c| text(&c.id) },
    Column { name: "store", cell: |c| text(&c.store) },
    Column { name: "customer", cell: |c| text(&c.customer) },
    Column { name: "name", cell: |c| contact(c, |contact| contact.name.clone()) },
    Column { name: "email", cell: |c| contact(c, |contact| contact.email.clone()) },
    Column { name: "phone", cell: |c| contact(c, |contact| contact.phone.clone()) },
    Column { name: "street", cell: |c| place(c, street) },
    Column { name: "postal_code", cell: |c| place(c, |a| a.postal_code.clone()) },
    Column { name: "city", cell: |c| place(c, |a| a.city.clone()) },
    Column { name: "region", cell: |c| place(c, |a| a.region.clone()) },
    Column { name: "country", cell: |c| place(c, |a| a.country.clone()) },
    Column { name: "items", cell: items },
    Column { name: "pieces", cell: |c| number(c.lines.iter().map(|line| i64::from(line.quantity)).sum::<i64>()) },
    Column { name: "subtotal", cell: |c| amount(c, c.subtotal) },
    Column { name: "discount", cell: |c| amount(c, c.discount) },
    Column { name: "shipping", cell: |c| amount(c, c.shipping) },
    Column { name: "tax", cell: |c| amount(c, c.tax) },
    Column { name: "total", cell: |c| amount(c, c.total) },
    Column { name: "currency", cell: |c| text(&c.currency) },
    Column { name: "codes", cell: codes },
    Column { name: "agent", cell: |c| known(c, |from| from.agent.clone()) },
    Column { name: "affiliate", cell: |c| known(c, |from| from.affiliate.clone()) },
    Column { name: "funnel", cell: |c| known(c, |from| from.funnel.clone()) },
    Column { name: "gclid", cell: |c| known(c, |from| from.gclid.clone()) },
    Column { name: "utm_source", cell: |c| known(c, |from| from.utm_source.clone()) },
    Column { name: "utm_medium", cell: |c| known(c, |from| from.utm_medium.clone()) },
    Column { name: "utm_campaign", cell: |c| known(c, |from| from.utm_campaign.clone()) },
    Column { name: "utm_content", cell: |c| known(c, |from| from.utm_content.clone()) },
    Column { name: "utm_term", cell: |c| known(c, |from| from.utm_term.clone()) },
    Column { name: "abandoned_at", cell: |c| moment(c.abandoned_at) },
    Column { name: "expires_at", cell: |c| moment(c.expires_at) },
    Column { name: "created_at", cell: |c| moment(c.created_at) },
    Column { name: "updated_at", cell: |c| moment(c.updated_at) },
];

/// The usual columns.
pub const USUAL: &[&str] = &[
    "created_at",
    "updated_at",
    "abandoned_at",
    "name",
    "email",
    "phone",
    "items",
    "pieces",
    "total",
    "currency",
    "id",
    "customer",
];

fn contact(cart: &Cart, part: fn(&Contact) -> String) -> Cell {
    text(cart.contact.as_ref().map(part).unwrap_or_default())
}

fn known(cart: &Cart, word: fn(&Attribution) -> String) -> Cell {
    text(cart.attribution.as_ref().map(word).unwrap_or_default())
}

fn place(cart: &Cart, part: fn(&Address) -> String) -> Cell {
    let address = cart.contact.as_ref().and_then(|contact| contact.shipping.as_ref().or(contact.billing.as_ref()));
    text(address.map(part).unwrap_or_default())
}

fn street(address: &Address) -> String {
    let lines = [&*address.line1, &*address.line2];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn items(cart: &Cart) -> Cell {
    let lines = cart.lines.iter().map(|line| format!("{} × {}", line.quantity, line.name));
    text(lines.collect::<Vec<_>>().join(", "))
}

fn codes(cart: &Cart) -> Cell {
    text(cart.codes.iter().map(|code| &*code.code).collect::<Vec<_>>().join(", "))
}

/// Nothing until a store is known, whose currency it is.
fn amount(cart: &Cart, amount: i64) -> Cell {
    let money = Money { amount, currency: cart.currency.clone() };
    Cell { value: (!cart.currency.is_empty()).then_some(Value::Amount(money)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-1: columns are named once, and the usual ones are among them.
    #[test]
    fn columns_are_known_by_their_names() {
        let mut names: Vec<_> = ALL.iter().map(|column| column.name).collect();
        assert!(USUAL.iter().all(|name| names.contains(name)));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
