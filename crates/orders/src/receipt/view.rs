//! Receipts as the API shows them.
use kit::clock::timestamp;
use proto::{base::v1::Money, orders::v1 as pb};

use super::{
    Receipt,
    receipt::{Content, Item, Moved, Seller},
};
use crate::order::Contact;

impl Receipt {
    /// As the API shows it.
    #[must_use]
    pub fn encode(self) -> pb::Receipt {
        let Contact { email, name, phone, shipping, billing } = self.contact;
        pb::Receipt {
            id: self.id.into(),
            order: self.order.into(),
            store: self.store.into(),
            kind: self.kind.slug().to_owned(),
            number: self.number,
            issued_at: Some(timestamp(self.issued_at)),
            name,
            email,
            phone,
            billing: billing.map(Into::into),
            shipping_address: shipping.map(Into::into),
            ..self.content.encode()
        }
    }
}

impl Content {
    /// What is frozen.
    fn encode(self) -> pb::Receipt {
        let money = |amount| Some(Money { amount, currency: self.currency.clone() });
        pb::Receipt {
            order_number: self.order,
            corrects: self.corrects,
            cancels: self.cancels,
            placed_at: self.placed_at.map(timestamp),
            timezone: self.seller.timezone.clone(),
            seller: Some(self.seller.encode()),
            lines: self.lines.into_iter().map(|item| item.encode(&self.currency)).collect(),
            discounts: self.discounts.into_iter().map(Into::into).collect(),
            subtotal: money(self.subtotal),
            discount: money(self.discount),
            shipping: money(self.shipping),
            tax: money(self.tax),
            included_tax: money(self.included_tax),
            total: money(self.total),
            payments: self.payments.into_iter().map(|moved| moved.encode(&self.currency)).collect(),
            ..pb::Receipt::default()
        }
    }
}

impl Seller {
    fn encode(self) -> pb::ReceiptSeller {
        let Self { name, country, mail, url, .. } = self;
        pb::ReceiptSeller { name, country, mail, url }
    }
}

impl Item {
    fn encode(self, currency: &str) -> pb::ReceiptLine {
        let money = |amount| Money { amount, currency: currency.to_owned() };
        pb::ReceiptLine {
            name: self.name,
            sku: self.sku,
            quantity: self.quantity,
            price: self.price.map(money),
            subtotal: Some(money(self.amount)),
        }
    }
}

impl Moved {
    fn encode(self, currency: &str) -> pb::ReceiptPayment {
        let amount = Some(Money { amount: self.amount, currency: currency.to_owned() });
        pb::ReceiptPayment { description: self.description, amount, at: Some(timestamp(self.at)) }
    }
}
