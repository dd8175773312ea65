//! What lists of carts are narrowed down by: comparisons that must all hold, each checked before any SQL is made of it.
use chrono::{DateTime, Utc};
use kit::{
    comparison::{self, VALUES, fault, flag, id, single, unknown_operator},
    failure::Violation,
    ids::{CustomerId, ProductId, StaffId, StoreId},
};
use proto::base::v1 as pb;
use uuid::Uuid;

use crate::cart::Status;

/// A comparison that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these products is in it.
    Holds(Vec<Uuid>),
    /// Whether it is abandoned.
    Abandoned(bool),
    /// Its currency is one of these, or none of them.
    Currency(Vec<String>, bool),
    /// It stands there.
    Status(Status),
    /// It is this customer's.
    Customer(CustomerId),
    /// It buys from this store.
    Store(StoreId),
    /// One of these brought it about.
    Attributed(Word, Vec<String>),
    /// A moment of it compares so.
    Moment(Moment, &'static str, DateTime<Utc>),
}

/// Moments of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When it was opened.
    Opened,
    /// When it was last changed.
    Changed,
    /// When it expires.
    Expiry,
    /// Half an hour after the last change of a cart that is abandoned.
    Abandonment,
}

/// What carts are found by of what brought them about (CA-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Who of the staff worked on it.
    Agent,
    /// The partner who sent the buyer.
    Affiliate,
    /// A path through the shop.
    Funnel,
    /// A campaign.
    Campaign,
    /// Where the visit came from.
    Source,
}

impl Word {
    fn parse(field: &str) -> Option<Self> {
        match field {
            "agent" => Some(Self::Agent),
            "affiliate" => Some(Self::Affiliate),
            "funnel" => Some(Self::Funnel),
            "utm_campaign" => Some(Self::Campaign),
            "utm_source" => Some(Self::Source),
            _ => None,
        }
    }

    /// As the indexes have it.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Agent => "(c.attribution ->> 'agent')",
            Self::Affiliate => "(c.attribution ->> 'affiliate')",
            Self::Funnel => "(c.attribution ->> 'funnel')",
            Self::Campaign => "(c.attribution ->> 'utm_campaign')",
            Self::Source => "(c.attribution ->> 'utm_source')",
        }
    }
}

/// Reads a filter, or says what is wrong with it.
pub fn parse(filter: Option<&pb::Filter>) -> Result<Vec<Test>, Violation> {
    let conditions = comparison::all(filter, "carts")?;
    let tests: Result<Vec<Vec<Test>>, Violation> = conditions.into_iter().map(test).collect();
    Ok(tests?.concat())
}

fn test(condition: &pb::Condition) -> Result<Vec<Test>, Violation> {
    let (op, values) = (condition.op.as_str(), &condition.values);
    if let Some(word) = Word::parse(&condition.field) {
        return Ok(vec![Test::Attributed(word, words(word, condition)?)]);
    }
    match (condition.field.as_str(), op) {
        ("product", "eq") => Ok(vec![Test::Holds(vec![product(single(values)?)?])]),
        ("product", "in") if (1..=VALUES).contains(&values.len()) => {
            Ok(vec![Test::Holds(values.iter().map(|value| product(value)).collect::<Result<_, _>>()?)])
        }
        ("abandoned", "eq") => Ok(vec![Test::Abandoned(flag(values)?)]),
        ("currency", "eq" | "ne") => Ok(vec![Test::Currency(vec![currency(single(values)?)?], op == "eq")]),
        ("currency", "in" | "nin") if (1..=VALUES).contains(&values.len()) => {
            let codes = values.iter().map(|code| currency(code)).collect::<Result<_, _>>()?;
            Ok(vec![Test::Currency(codes, op == "in")])
        }
        ("status", "eq") => {
            let unknown = || fault("unknown_value", "a status is one of open, closed, expired");
            Ok(vec![Test::Status(Status::parse(single(values)?).ok_or_else(unknown)?)])
        }
        ("customer", "eq") => Ok(vec![Test::Customer(id(single(values)?)?)]),
        ("store", "eq") => Ok(vec![Test::Store(id(single(values)?)?)]),
        ("created_at", _) => moments(Moment::Opened, op, values),
        ("updated_at", _) => moments(Moment::Changed, op, values),
        ("expires_at", _) => moments(Moment::Expiry, op, values),
        ("abandoned_at", _) => moments(Moment::Abandonment, op, values),
        ("product" | "abandoned" | "currency" | "store" | "status" | "customer", _) => Err(unknown_operator(condition)),
        (other, _) => Err(fault("unknown_field", format!("carts cannot be filtered by “{other}”"))),
    }
}

fn words(word: Word, condition: &pb::Condition) -> Result<Vec<String>, Violation> {
    let values = &condition.values;
    match condition.op.as_str() {
        "eq" => drop(single(values)?),
        "in" if (1..=VALUES).contains(&values.len()) => {}
        _ => return Err(unknown_operator(condition)),
    }
    if values.iter().any(|value| value.chars().any(char::is_control)) {
        return Err(fault("malformed", "values are texts without control characters"));
    }
    if word == Word::Agent {
        values.iter().try_for_each(|value| id::<StaffId>(value).map(drop))?;
    }
    Ok(values.clone())
}

fn product(text: &str) -> Result<Uuid, Violation> {
    id(text).map(ProductId::uuid)
}

fn currency(text: &str) -> Result<String, Violation> {
    let sound = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if sound {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(fault("malformed", "currencies are named by ISO 4217 codes"))
    }
}

fn moments(moment: Moment, op: &str, values: &[String]) -> Result<Vec<Test>, Violation> {
    let tests = comparison::moments(op, values)?.into_iter();
    Ok(tests.map(|(compare, at)| Test::Moment(moment, compare, at)).collect())
}

#[cfg(test)]
mod tests {
    use proto::base::v1::filter::Node;

    use super::*;

    fn read(field: &str, op: &str, values: &[&str]) -> Result<usize, String> {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let condition = pb::Condition { field: field.to_owned(), op: op.to_owned(), values };
        let filter = pb::Filter { node: Some(Node::Condition(condition)) };
        parse(Some(&filter)).map(|tests| tests.len()).map_err(|fault| fault.code.into_owned())
    }

    /// CA-3: what is not understood is refused, never ignored.
    #[test]
    fn nothing_unknown_is_ignored() {
        assert_eq!(read("abandoned", "eq", &["true"]), Ok(1));
        assert_eq!(read("currency", "nin", &["EUR", "SEK"]), Ok(1));
        assert_eq!(read("created_at", "between", &["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]), Ok(2));
        for (field, op, values, code) in [
            ("email", "eq", vec!["ada@example.com"], "unknown_field"),
            ("abandoned", "ne", vec!["true"], "unknown_operator"),
            ("abandoned", "eq", vec!["maybe"], "malformed"),
            ("product", "eq", vec!["mug"], "malformed"),
            ("product", "in", vec![], "unknown_operator"),
            ("product", "nin", vec!["prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"], "unknown_operator"),
            ("currency", "eq", vec!["euro"], "malformed"),
            ("currency", "starts", vec!["E"], "unknown_operator"),
            ("store", "eq", vec!["here"], "malformed"),
            ("status", "eq", vec!["lost"], "unknown_value"),
            ("status", "ne", vec!["open"], "unknown_operator"),
            ("customer", "eq", vec!["bob"], "malformed"),
            ("affiliate", "ne", vec!["bob"], "unknown_operator"),
            ("agent", "in", vec![], "unknown_operator"),
            ("agent", "eq", vec!["bob"], "malformed"),
            ("funnel", "eq", vec!["a\0"], "malformed"),
            ("gclid", "eq", vec!["a"], "unknown_field"),
            ("updated_at", "eq", vec!["2026-01-01T00:00:00Z"], "unknown_operator"),
            ("updated_at", "gt", vec!["yesterday"], "malformed"),
            ("abandoned_at", "between", vec!["2026-01-01T00:00:00Z"], "malformed"),
        ] {
            assert_eq!(read(field, op, &values), Err(code.to_owned()), "{field} {op} {values:?}");
        }
        let nested = pb::Filter { node: Some(Node::Not(Box::default())) };
        assert!(parse(Some(&nested)).is_err());
    }
}
