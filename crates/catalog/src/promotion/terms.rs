//! What an offer or a voucher says, and what makes that valid. Pure.
use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::{datetime, timestamp},
    failure::Violation,
    ids::ProductId,
    money::{Currency, Money},
};
use proto::catalog::v1 as pb;

use crate::{
    Error,
    product::fields::{price, text},
};

/// Most products that one promotion names.
const PRODUCTS: usize = 200;
/// Most orders that a voucher can be limited to; above, no limit is meant.
const USES: u32 = 1_000_000_000;

/// Terms. Amounts are in minor units of the store's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What the customer reads.
    pub name: String,
    /// A voucher's code, in capitals.
    pub code: Option<String>,
    /// How much is taken off.
    pub cut: Cut,
    /// The store's.
    pub currency: Currency,
    /// What it is for; everything when empty.
    pub products: Vec<ProductId>,
    /// Pieces of these that it takes at least.
    pub min_quantity: u32,
    /// What these have to cost at least.
    pub minimum: i64,
    /// From when on it counts.
    pub starts_at: Option<DateTime<Utc>>,
    /// From when on it counts no longer.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all.
    pub active: bool,
    /// Whether it counts only where nothing else does.
    pub alone: bool,
    /// Offers are applied in this order.
    pub position: i32,
    /// Orders that a voucher is good for.
    pub max_uses: Option<u32>,
    /// Orders of one customer that a voucher is good for.
    pub max_uses_per_customer: Option<u32>,
}

/// How much is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Hundredths of a percent.
    Percent(u16),
    /// Minor units.
    Amount(i64),
}

/// A code as it is kept: in capitals, without spaces around it; none when it is no code.
#[must_use]
pub fn code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (plain && (3..=40).contains(&code.len())).then_some(code)
}

impl Terms {
    /// Reads the terms of a store that sells in `currency`; all faults are told at once.
    pub fn parse(terms: &pb::PromotionTerms, currency: Currency) -> Result<Self, Error> {
        let mut faults: Vec<Violation> = text("/name", terms.name.trim(), 1, 200).into_iter().collect();
        let code = (!terms.code.is_empty()).then(|| {
            code(&terms.code).unwrap_or_else(|| {
                let detail = "a code is 3 to 40 letters, digits, - and _";
                faults.push(Violation::new("/code", "malformed", detail));
                String::new()
            })
        });
        let cut = cut(terms, currency, &mut faults)?;
        let products = products(&terms.products, &mut faults);
        let minimum = match &terms.minimum {
            Some(minimum) => price("/minimum", minimum, currency, &mut faults)?.amount,
            None => 0,
        };
        let (starts_at, ends_at) =
            (terms.starts_at.as_ref().and_then(datetime), terms.ends_at.as_ref().and_then(datetime));
        if starts_at.zip(ends_at).is_some_and(|(start, end)| start >= end) {
            faults.push(Violation::new("/ends_at", "not_allowed", "it has to end after it starts"));
        }
        if !(-1_000..=1_000).contains(&terms.position) {
            faults.push(Violation::new("/position", "out_of_range", "a position is -1000 to 1000"));
        }
        if terms.min_quantity > 1_000_000 {
            faults.push(Violation::new("/min_quantity", "out_of_range", "at most 1000000 pieces"));
        }
        let max_uses = uses("/max_uses", terms.max_uses, code.is_some(), &mut faults);
        let per_customer = uses("/max_uses_per_customer", terms.max_uses_per_customer, code.is_some(), &mut faults);
        let (true, Some(cut)) = (faults.is_empty(), cut) else { return Err(Error::faults(faults)) };
        Ok(Self {
            name: terms.name.trim().to_owned(),
            code,
            cut,
            currency,
            products,
            min_quantity: terms.min_quantity,
            minimum,
            starts_at,
            ends_at,
            active: terms.active,
            alone: terms.alone,
            position: terms.position,
            max_uses,
            max_uses_per_customer: per_customer,
        })
    }

    /// As the audit tells of them.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        let (percent, amount) = match self.cut {
            Cut::Percent(hundredths) => (Some(hundredths), None),
            Cut::Amount(amount) => (None, Some(amount)),
        };
        json!({
            "name": self.name,
            "code": self.code,
            "percent": percent,
            "amount": amount,
            "products": self.products.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "min_quantity": self.min_quantity,
            "minimum": self.minimum,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "active": self.active,
            "alone": self.alone,
            "position": self.position,
            "max_uses": self.max_uses,
            "max_uses_per_customer": self.max_uses_per_customer,
        })
    }
}

fn cut(terms: &pb::PromotionTerms, currency: Currency, faults: &mut Vec<Violation>) -> Result<Option<Cut>, Error> {
    let fault = match (terms.percent, &terms.amount) {
        (0, Some(amount)) => match price("/amount", amount, currency, faults)?.amount {
            0 => Violation::new("/amount/amount", "out_of_range", "take off more than nothing"),
            amount => return Ok(Some(Cut::Amount(amount))),
        },
        (1..=10_000, None) => return Ok(u16::try_from(terms.percent).ok().map(Cut::Percent)),
        (0, None) => Violation::new("/percent", "needed", "say a percentage or an amount"),
        (_, None) => Violation::new("/percent", "out_of_range", "a percentage is 0.01 to 100"),
        (_, Some(_)) => Violation::new("/amount", "not_allowed", "a percentage or an amount, not both"),
    };
    faults.push(fault);
    Ok(None)
}

fn products(ids: &[String], faults: &mut Vec<Violation>) -> Vec<ProductId> {
    if ids.len() > PRODUCTS {
        faults.push(Violation::new("/products", "too_many", format!("at most {PRODUCTS} products")));
        return Vec::new();
    }
    let mut products = Vec::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        if let Ok(id) = id.parse() {
            products.push(id);
        } else {
            let pointer = format!("/products/{place}");
            faults.push(Violation::new(pointer, "malformed", "a product's id begins with prd_"));
        }
    }
    products.sort_unstable();
    products.dedup();
    products
}

fn uses(pointer: &'static str, limit: u32, coded: bool, faults: &mut Vec<Violation>) -> Option<u32> {
    if limit > 0 && !coded {
        faults.push(Violation::new(pointer, "not_allowed", "an offer has no number of uses"));
    }
    if limit > USES {
        faults.push(Violation::new(pointer, "out_of_range", format!("at most {USES}")));
    }
    (limit > 0).then_some(limit)
}

impl From<Terms> for pb::PromotionTerms {
    fn from(terms: Terms) -> Self {
        let money = |amount| proto::base::v1::Money::from(Money::new(amount, terms.currency));
        let (percent, amount) = match terms.cut {
            Cut::Percent(hundredths) => (u32::from(hundredths), None),
            Cut::Amount(amount) => (0, Some(money(amount))),
        };
        Self {
            percent,
            amount,
            minimum: (terms.minimum > 0).then(|| money(terms.minimum)),
            name: terms.name,
            code: terms.code.unwrap_or_default(),
            products: terms.products.into_iter().map(String::from).collect(),
            min_quantity: terms.min_quantity,
            starts_at: terms.starts_at.map(timestamp),
            ends_at: terms.ends_at.map(timestamp),
            active: terms.active,
            alone: terms.alone,
            position: terms.position,
            max_uses: terms.max_uses.unwrap_or_default(),
            max_uses_per_customer: terms.max_uses_per_customer.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::Error as KitError;

    use super::*;

    fn terms() -> pb::PromotionTerms {
        pb::PromotionTerms { name: "Spring".into(), code: "spring-10".into(), percent: 1_000, ..Default::default() }
    }

    fn euros(amount: i64) -> proto::base::v1::Money {
        proto::base::v1::Money { amount, currency: "EUR".to_owned() }
    }

    fn pointers(terms: &pb::PromotionTerms) -> Vec<String> {
        match Terms::parse(terms, Currency::EUR) {
            Err(Error::Kit(KitError::Invalid(faults)) | Error::Unsuited(faults)) => {
                faults.into_iter().map(|fault| fault.pointer.into_owned()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// CA-5: terms read back as they were given, codes in capitals.
    #[test]
    fn terms_read_back() {
        let read = Terms::parse(&terms(), Currency::EUR).expect("valid");
        assert_eq!((read.code.as_deref(), read.cut), (Some("SPRING-10"), Cut::Percent(1_000)));
        assert_eq!(Terms::parse(&read.clone().into(), Currency::EUR).ok(), Some(read));
    }

    /// CA-5: every faulty field is named.
    #[test]
    fn every_faulty_field_is_named() {
        for (faulty, expected) in [
            (pb::PromotionTerms { percent: 0, ..terms() }, "/percent"),
            (pb::PromotionTerms { percent: 10_001, ..terms() }, "/percent"),
            (pb::PromotionTerms { amount: Some(euros(5)), ..terms() }, "/amount"),
            (pb::PromotionTerms { percent: 0, amount: Some(euros(0)), ..terms() }, "/amount/amount"),
            (pb::PromotionTerms { minimum: Some(euros(-1)), ..terms() }, "/minimum/amount"),
            (pb::PromotionTerms { name: " ".into(), ..terms() }, "/name"),
            (pb::PromotionTerms { code: "a b".into(), ..terms() }, "/code"),
            (pb::PromotionTerms { code: String::new(), max_uses: 1, ..terms() }, "/max_uses"),
            (pb::PromotionTerms { products: vec!["x".into()], ..terms() }, "/products/0"),
            (pb::PromotionTerms { position: 1_001, ..terms() }, "/position"),
        ] {
            assert_eq!(pointers(&faulty), [expected]);
        }
        let usd = proto::base::v1::Money { amount: 1, currency: "USD".to_owned() };
        let foreign = Terms::parse(&pb::PromotionTerms { minimum: Some(usd), ..terms() }, Currency::EUR);
        assert!(matches!(foreign, Err(Error::WrongCurrency(_))));
    }

    /// CA-5: it ends after it starts.
    #[test]
    fn dates_are_in_order() {
        let at = |second| Some(timestamp(DateTime::from_timestamp(second, 0).expect("a moment")));
        let dated = |start, end| pb::PromotionTerms { starts_at: at(start), ends_at: at(end), ..terms() };
        assert_eq!(pointers(&dated(5, 5)), ["/ends_at"]);
        assert!(Terms::parse(&dated(5, 6), Currency::EUR).is_ok());
    }
}
