//! Filters of lists of orders and of the ledger: a tree over a few fields, checked before any SQL is made of it.
use chrono::{DateTime, Utc};
use kit::{
    failure::Violation,
    ids::{OrderId, ProductId, StaffId},
};
use proto::base::v1::{self as pb, filter::Node};
use sqlx::{Postgres, QueryBuilder};

use super::{Fulfilment, PaymentStatus, Status};
use crate::{payment::Gateway, subscription::State, transaction::Type};

/// Most conditions of one filter.
const LARGEST: usize = 50;

/// A filter that is known to be sound.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// A column compared with a value.
    Compare(Column, Comparison, Value),
    /// A column among texts.
    Among(Column, Vec<String>),
    /// The number begins like this.
    NumberStarts(String),
}

/// Fields that a list may be filtered by.
pub type Fields = &'static [(&'static str, Column)];

/// Fields of orders.
pub const ORDERS: Fields = &[
    ("status", Column::Status),
    ("payment_status", Column::PaymentStatus),
    ("fulfilment_status", Column::FulfilmentStatus),
    ("placed_at", Column::PlacedAt),
    ("total", Column::Total),
    ("number", Column::Number),
    ("agent", Column::Agent),
    ("affiliate", Column::Affiliate),
    ("funnel", Column::Funnel),
    ("utm_campaign", Column::Campaign),
    ("utm_source", Column::Source),
];

/// Fields of subscriptions.
pub const SUBSCRIPTIONS: Fields = &[
    ("status", Column::SubscriptionStatus),
    ("product", Column::Product),
    ("renews_at", Column::RenewsAt),
    ("created_at", Column::CreatedAt),
];

/// Columns that may be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the API's field of the same name")]
pub enum Column {
    Status,
    PaymentStatus,
    FulfilmentStatus,
    PlacedAt,
    Total,
    Number,
    Type,
    EntryStatus,
    Gateway,
    Amount,
    CreatedAt,
    Order,
    SubscriptionStatus,
    Product,
    RenewsAt,
    Agent,
    Affiliate,
    Funnel,
    Campaign,
    Source,
}

/// How values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the API's operator of the same name")]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is what it is called")]
pub enum Value {
    Text(String),
    Time(DateTime<Utc>),
    Amount(i64),
    Order(OrderId),
    Product(ProductId),
}

/// Reads a filter tree over `fields`, or says what is wrong with it.
pub fn parse(filter: Option<&pb::Filter>, fields: Fields) -> Result<Option<Filter>, Violation> {
    let mut left = LARGEST;
    filter.map(|filter| node(filter, fields, &mut left)).transpose()
}

fn fault(code: &'static str, detail: impl Into<String>) -> Violation {
    Violation::new("/filter", code, detail.into())
}

fn node(filter: &pb::Filter, fields: Fields, left: &mut usize) -> Result<Filter, Violation> {
    *left = left.checked_sub(1).ok_or_else(|| fault("too_large", format!("at most {LARGEST} conditions")))?;
    match &filter.node {
        Some(Node::And(list)) => Ok(Filter::All(nodes(list, fields, left)?)),
        Some(Node::Or(list)) => Ok(Filter::Any(nodes(list, fields, left)?)),
        Some(Node::Not(inner)) => Ok(Filter::Not(Box::new(node(inner, fields, left)?))),
        Some(Node::Condition(one)) => condition(one, fields),
        None => Err(fault("malformed", "an empty filter says nothing")),
    }
}

fn nodes(list: &pb::FilterList, fields: Fields, left: &mut usize) -> Result<Vec<Filter>, Violation> {
    if list.filters.is_empty() {
        return Err(fault("malformed", "and / or need at least one member"));
    }
    list.filters.iter().map(|filter| node(filter, fields, left)).collect()
}

fn condition(one: &pb::Condition, fields: Fields) -> Result<Filter, Violation> {
    let found = fields.iter().find(|(name, _)| *name == one.field);
    let unknown = || fault("unknown_field", format!("the list cannot be filtered by “{}”", one.field));
    let column = found.ok_or_else(unknown)?.1;
    if matches!(column, Column::Order | Column::Product) && one.op != "eq" {
        return Err(fault("unknown_operator", format!("{} takes eq", one.field)));
    }
    if column.is_attribution() && !matches!(&*one.op, "eq" | "in") {
        return Err(fault("unknown_operator", format!("{} takes eq and in", one.field)));
    }
    let is_text =
        !matches!(column, Column::PlacedAt | Column::CreatedAt | Column::RenewsAt | Column::Total | Column::Amount);
    let is_unknown = || fault("unknown_operator", format!("“{}” does not apply to {}", one.op, one.field));
    match one.op.as_str() {
        "starts" if column == Column::Number => {
            let start = single(one)?;
            known(column, start).map(|()| Filter::NumberStarts(start.to_owned()))
        }
        "in" | "nin" if is_text => {
            let values = one.values.iter().map(|value| known(column, value).map(|()| value.clone()));
            let among = Filter::Among(column, values.collect::<Result<_, _>>()?);
            Ok(if one.op == "in" { among } else { Filter::Not(Box::new(among)) })
        }
        "between" if !is_text => {
            let [low, high] = &*one.values else { return Err(fault("malformed", "between takes two values")) };
            Ok(Filter::All(vec![
                Filter::Compare(column, Comparison::Gte, value(column, low)?),
                Filter::Compare(column, Comparison::Lte, value(column, high)?),
            ]))
        }
        op => {
            let comparison = match op {
                "eq" => Comparison::Eq,
                "ne" => Comparison::Ne,
                "lt" if !is_text => Comparison::Lt,
                "lte" if !is_text => Comparison::Lte,
                "gt" if !is_text => Comparison::Gt,
                "gte" if !is_text => Comparison::Gte,
                _ => return Err(is_unknown()),
            };
            Ok(Filter::Compare(column, comparison, value(column, single(one)?)?))
        }
    }
}

fn single(one: &pb::Condition) -> Result<&str, Violation> {
    match &*one.values {
        [value] => Ok(value),
        _ => Err(fault("malformed", format!("{} of {} takes one value", one.op, one.field))),
    }
}

fn value(column: Column, text: &str) -> Result<Value, Violation> {
    match column {
        Column::PlacedAt | Column::CreatedAt | Column::RenewsAt => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Ok(Value::Time(at.to_utc())),
            Err(_) => Err(fault("malformed", "times are compared with such as 2026-03-02T12:00:00Z")),
        },
        Column::Total | Column::Amount => match text.parse() {
            Ok(amount) => Ok(Value::Amount(amount)),
            Err(_) => Err(fault("malformed", "amounts are compared with whole minor units, such as 1999")),
        },
        Column::Order => match text.parse() {
            Ok(order) => Ok(Value::Order(order)),
            Err(_) => Err(fault("malformed", "orders are named ord_…")),
        },
        Column::Product => match text.parse() {
            Ok(product) => Ok(Value::Product(product)),
            Err(_) => Err(fault("malformed", "products are named prd_…")),
        },
        _ => known(column, text).map(|()| Value::Text(text.to_owned())),
    }
}

/// A status that does not exist is a mistake rather than an empty list; so is what PostgreSQL cannot hold as a text.
fn known(column: Column, text: &str) -> Result<(), Violation> {
    if text.chars().any(char::is_control) {
        return Err(fault("malformed", "values are texts without control characters"));
    }
    if column == Column::Agent && text.parse::<StaffId>().is_err() {
        return Err(fault("malformed", "members of staff are named stf_…"));
    }
    let is_known = match column {
        Column::Status => Status::ALL.iter().any(|status| status.slug() == text),
        Column::PaymentStatus => PaymentStatus::ALL.iter().any(|status| status.slug() == text),
        Column::FulfilmentStatus => Fulfilment::ALL.iter().any(|status| status.slug() == text),
        Column::Type => Type::ALL.iter().any(|kind| kind.slug() == text),
        Column::EntryStatus => ["succeeded", "failed"].contains(&text),
        Column::Gateway => Gateway::parse(text).is_some(),
        Column::SubscriptionStatus => State::SLUGS.contains(&text),
        _ => true,
    };
    if is_known { Ok(()) } else { Err(fault("unknown_value", format!("“{text}” is not among its values"))) }
}

impl Column {
    const fn sql(self) -> &'static str {
        match self {
            Self::Status | Self::EntryStatus | Self::SubscriptionStatus => "status",
            Self::PaymentStatus => "payment_status",
            Self::FulfilmentStatus => "fulfilment_status",
            Self::PlacedAt => "placed_at",
            Self::Total => "total",
            Self::Number => "number",
            Self::Type => "type",
            Self::Gateway => "gateway",
            Self::Amount => "amount",
            Self::CreatedAt => "created_at",
            Self::Order => "order_id",
            Self::Product => "product_id",
            Self::RenewsAt => "renews_at",
            // As the indexes have it.
            Self::Agent => "(attribution ->> 'agent')",
            Self::Affiliate => "(attribution ->> 'affiliate')",
            Self::Funnel => "(attribution ->> 'funnel')",
            Self::Campaign => "(attribution ->> 'utm_campaign')",
            Self::Source => "(attribution ->> 'utm_source')",
        }
    }

    /// Whether it is of what brought an order about, which is not known of every order (CA-8).
    const fn is_attribution(self) -> bool {
        matches!(self, Self::Agent | Self::Affiliate | Self::Funnel | Self::Campaign | Self::Source)
    }
}

impl Comparison {
    const fn sql(self) -> &'static str {
        match self {
            Self::Eq => " = ",
            Self::Ne => " <> ",
            Self::Lt => " < ",
            Self::Lte => " <= ",
            Self::Gt => " > ",
            Self::Gte => " >= ",
        }
    }
}

impl Filter {
    /// Whether there are orders of which it is not known if this holds.
    fn may_be_unknown(&self) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().any(Self::may_be_unknown),
            Self::Not(inner) => inner.may_be_unknown(),
            Self::Compare(column, ..) | Self::Among(column, _) => column.is_attribution(),
            Self::NumberStarts(_) => false,
        }
    }

    /// Adds this as a condition.
    pub fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        match self {
            Self::All(members) => write_joined(members, " and ", sql),
            Self::Any(members) => write_joined(members, " or ", sql),
            Self::Not(inner) if inner.may_be_unknown() => {
                write_joined(std::slice::from_ref(inner), "", sql);
                sql.push(" is not true");
            }
            Self::Not(inner) => {
                sql.push("not ");
                write_joined(std::slice::from_ref(inner), "", sql);
            }
            Self::Compare(column, comparison, value) => {
                // What does not go on renews at no time.
                let is_renewal = *column == Column::RenewsAt;
                sql.push(if is_renewal { "(state in ('active', 'past_due') and " } else { "" });
                sql.push(column.sql()).push(comparison.sql());
                match value {
                    Value::Text(text) => sql.push_bind(text.clone()),
                    Value::Time(at) => sql.push_bind(*at),
                    Value::Amount(amount) => sql.push_bind(*amount),
                    Value::Order(order) => sql.push_bind(*order),
                    Value::Product(product) => sql.push_bind(*product),
                };
                sql.push(if is_renewal { ")" } else { "" });
            }
            Self::Among(column, values) => {
                sql.push(column.sql()).push(" = any(").push_bind(values.clone()).push(")");
            }
            Self::NumberStarts(start) => write_start(start, sql),
        }
    }
}

/// That the number begins with `start`, as a range that the index on it serves.
pub fn write_start(start: &str, sql: &mut QueryBuilder<Postgres>) {
    // Beyond every continuation: the column sorts by code point.
    let end = format!("{start}\u{10FFFF}");
    sql.push("(number >= ").push_bind(start.to_owned()).push(" and number < ").push_bind(end).push(")");
}

fn write_joined<F: std::borrow::Borrow<Filter>>(members: &[F], word: &str, sql: &mut QueryBuilder<Postgres>) {
    for (i, member) in members.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { word });
        member.borrow().write(sql);
    }
    sql.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(field: &str, op: &str, values: &[&str]) -> pb::Filter {
        let values = values.iter().map(ToString::to_string).collect();
        pb::Filter { node: Some(Node::Condition(pb::Condition { field: field.into(), op: op.into(), values })) }
    }

    fn sql(filter: &pb::Filter) -> String {
        let mut sql = QueryBuilder::new("");
        let filter = parse(Some(filter), ORDERS).expect("sound");
        filter.expect("there").write(&mut sql);
        sql.sql().as_str().to_owned()
    }

    #[test]
    fn trees_become_bound_sql() {
        let any = pb::FilterList {
            filters: vec![one("status", "in", &["placed", "completed"]), one("total", "between", &["1", "2"])],
        };
        let any = pb::Filter { node: Some(Node::Or(any)) };
        let not = pb::Filter { node: Some(Node::Not(Box::new(any))) };
        assert_eq!(sql(&not), "not ((status = any($1) or (total >= $2 and total <= $3)))");
        assert_eq!(sql(&one("number", "starts", &["10"])), "(number >= $1 and number < $2)");
        assert_eq!(sql(&one("payment_status", "nin", &["paid"])), "not (payment_status = any($1))");
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for (filter, code) in [
            (one("email", "eq", &["a"]), "unknown_field"),
            (one("gclid", "eq", &["a"]), "unknown_field"),
            (one("affiliate", "ne", &["a"]), "unknown_operator"),
            (one("status", "gt", &["placed"]), "unknown_operator"),
            (one("status", "eq", &["lost"]), "unknown_value"),
            (one("status", "in", &["placed", "lost"]), "unknown_value"),
            (one("total", "eq", &["much"]), "malformed"),
            (one("total", "eq", &[]), "malformed"),
            (one("total", "between", &["1"]), "malformed"),
            (one("placed_at", "lt", &["yesterday"]), "malformed"),
            (one("number", "starts", &["1\0"]), "malformed"),
            (one("number", "eq", &["\0"]), "malformed"),
            (one("number", "in", &["1001", "\0"]), "malformed"),
            (pb::Filter { node: None }, "malformed"),
            (pb::Filter { node: Some(Node::And(pb::FilterList::default())) }, "malformed"),
        ] {
            assert_eq!(parse(Some(&filter), ORDERS).expect_err("unsound").code, code, "{filter:?}");
        }
    }

    #[test]
    fn a_tree_has_a_largest_size() {
        let filters = vec![one("status", "eq", &["placed"]); LARGEST];
        let filter = pb::Filter { node: Some(Node::And(pb::FilterList { filters })) };
        assert_eq!(parse(Some(&filter), ORDERS).expect_err("too large").code, "too_large");
    }
}
