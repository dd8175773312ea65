//! Filter trees: read once, with every field, operator and value checked; nothing unknown is ever ignored.
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use kit::{
    email::Email,
    failure::Violation,
    ids::{CustomerId, ProductId, SegmentId},
};
use proto::base::v1::{self as pb, filter::Node};

use super::{
    field::{Field, Kind},
    reading::Reading,
};
use crate::Error;

/// How deep a tree may be.
const DEPTH: usize = 8;
/// How many comparisons it may have.
const CONDITIONS: usize = 50;
/// How many values a comparison may have.
const VALUES: usize = 100;
/// Longest silence that is asked for, in days.
const SILENCE: i64 = 3_650;

/// A filter that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these.
    And(Vec<Self>),
    /// At least one of these.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A comparison.
    Test(Field, Op, Values),
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own name")]
pub enum Op {
    Eq,
    Ne,
    In,
    Nin,
    Lt,
    Lte,
    Gt,
    Gte,
    Contains,
    Starts,
    Exists,
    Between,
}

/// What it is compared with; as many as the operator takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Texts.
    Text(Vec<String>),
    /// Numbers.
    Number(Vec<i64>),
    /// Moments.
    Time(Vec<DateTime<Utc>>),
    /// Ids.
    Id(Vec<CustomerId>),
    /// Ids of products.
    Product(Vec<ProductId>),
    /// Whether there has to be a value.
    Flag(bool),
}

impl Filter {
    /// Reads a tree. Without the right to them, a personal field is refused (ID-23). A segment that is named counts as
    /// what it asks for (CU-6).
    pub fn parse(filter: &pb::Filter, reading: &Reading<'_>) -> Result<Self, Error> {
        let mut left = CONDITIONS;
        Reader { reading: *reading, left: &mut left }.node(filter, DEPTH)
    }

    /// Reads a tree that was read before, with the trees of segments in their place.
    pub fn restore(filter: &pb::Filter, reading: &Reading<'_>) -> Result<Self, Error> {
        let mut left = usize::MAX;
        Reader { reading: *reading, left: &mut left }.node(filter, 3 * DEPTH)
    }
}

struct Reader<'a> {
    reading: Reading<'a>,
    left: &'a mut usize,
}

impl Reader<'_> {
    fn node(&mut self, filter: &pb::Filter, depth: usize) -> Result<Filter, Error> {
        let Some(depth) = depth.checked_sub(1) else { return Err(fault("too_deep", "this filter is too deep")) };
        match filter.node.as_ref() {
            Some(Node::And(list)) => Ok(Filter::And(self.list(list, depth)?)),
            Some(Node::Or(list)) => Ok(Filter::Or(self.list(list, depth)?)),
            Some(Node::Not(filter)) => Ok(Filter::Not(Box::new(self.node(filter, depth)?))),
            Some(Node::Condition(condition)) => self.condition(condition),
            None => Err(fault("required", "a filter needs and, or, not, or a condition")),
        }
    }

    fn list(&mut self, list: &pb::FilterList, depth: usize) -> Result<Vec<Filter>, Error> {
        if list.filters.is_empty() {
            return Err(fault("required", "and, or need at least one filter"));
        }
        list.filters.iter().map(|filter| self.node(filter, depth)).collect()
    }

    fn condition(&mut self, condition: &pb::Condition) -> Result<Filter, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Err(fault("too_many", "too many conditions")) };
        *self.left = left;
        let field = Field::parse(&condition.field).ok_or_else(|| unknown("field", &condition.field))?;
        if field.is_personal() && !self.reading.pii {
            return Err(Error::PiiRequired(field.name()));
        }
        let op = Op::parse(&condition.op).filter(|op| op.fits(field.kind()));
        let op = op.ok_or_else(|| unknown("operator", &format!("{} for {}", condition.op, condition.field)))?;
        check_count(field, op, &condition.values)?;
        match field.kind() {
            Kind::Segment => self.segments(op, &condition.values),
            Kind::Flag => buys_again(field, &condition.values),
            Kind::Days => self.silent(field, &condition.values),
            _ => Ok(Filter::Test(field, op, values(field, op, &condition.values)?)),
        }
    }

    /// What the named segments ask for: any of them, or none of them.
    fn segments(&mut self, op: Op, ids: &[String]) -> Result<Filter, Error> {
        let Some(saved) = self.reading.saved else { return Err(fault("nested", "a segment names no segment")) };
        let mut trees = Vec::new();
        for id in ids {
            let id: SegmentId = id.parse().map_err(|_| malformed(Field::Segment))?;
            let segment = saved.get(&id).ok_or(Error::SegmentNotFound)?;
            let reading = Reading { saved: None, ..self.reading };
            trees.push(Reader { reading, left: &mut *self.left }.node(&segment.tree.0, DEPTH)?);
        }
        let any = Filter::Or(trees);
        Ok(if matches!(op, Op::Ne | Op::Nin) { Filter::Not(Box::new(any)) } else { any })
    }

    /// Those who bought before and gave no sign of life for as many days.
    fn silent(&self, field: Field, texts: &[String]) -> Result<Filter, Error> {
        let days = texts[0].parse().ok().filter(|days| (1..=SILENCE).contains(days)).ok_or_else(|| malformed(field))?;
        let since = self.reading.now - TimeDelta::days(days);
        Ok(Filter::And(vec![
            Filter::Test(Field::OrdersCount, Op::Gte, Values::Number(vec![1])),
            Filter::Test(Field::LastActivityAt, Op::Lte, Values::Time(vec![since])),
        ]))
    }
}

/// Those who bought at least twice, or those who did not.
fn buys_again(field: Field, texts: &[String]) -> Result<Filter, Error> {
    let op = if texts[0].parse().map_err(|_| malformed(field))? { Op::Gte } else { Op::Lt };
    Ok(Filter::Test(Field::OrdersCount, op, Values::Number(vec![2])))
}

fn malformed(field: Field) -> Error {
    fault("malformed", format!("{} cannot be compared with this value", field.name()))
}

fn check_count(field: Field, op: Op, texts: &[String]) -> Result<(), Error> {
    let few = match op {
        Op::In | Op::Nin => (1..=VALUES).contains(&texts.len()),
        Op::Between => texts.len() == 2,
        _ => texts.len() == 1,
    };
    if few { Ok(()) } else { Err(fault("out_of_range", format!("{} has the wrong number of values", field.name()))) }
}

fn values(field: Field, op: Op, texts: &[String]) -> Result<Values, Error> {
    let read = match (field.kind(), op) {
        (_, Op::Exists) => texts[0].parse().ok().map(Values::Flag),
        (Kind::Id, _) => all(texts, |text| text.parse().ok()).map(Values::Id),
        (Kind::Product, _) => all(texts, |text| text.parse().ok()).map(Values::Product),
        (Kind::Number, _) => all(texts, |text| text.parse().ok()).map(Values::Number),
        (Kind::Time | Kind::Happening, _) => all(texts, moment).map(Values::Time),
        (Kind::Choice(choices), _) => {
            all(texts, |text| choices.contains(&text).then(|| text.to_owned())).map(Values::Text)
        }
        (Kind::Country, _) => all(texts, country).map(Values::Text),
        (Kind::Pieces, _) => {
            all(texts, |text| plain(field, op, text).filter(|text| says_something(text))).map(Values::Text)
        }
        (Kind::Text | Kind::Set, _) => all(texts, |text| plain(field, op, text)).map(Values::Text),
        (Kind::Segment | Kind::Flag | Kind::Days, _) => None,
    };
    read.ok_or_else(|| malformed(field))
}

fn all<T>(texts: &[String], read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    texts.iter().map(|text| read(text)).collect()
}

/// A text to compare with; a whole e-mail address in the form that is compared.
fn plain(field: Field, op: Op, text: &str) -> Option<String> {
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return None;
    }
    let whole = matches!(op, Op::Eq | Op::Ne | Op::In | Op::Nin);
    match field {
        Field::Email if whole => {
            Some(Email::parse(text).map_or_else(|_| text.to_lowercase(), |e| e.canonical().to_owned()))
        }
        _ => Some(text.to_owned()),
    }
}

/// No index holds punctuation alone.
fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn country(text: &str) -> Option<String> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

/// A moment in RFC 3339, or a day, which is its first moment in UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).map(Into::into).ok();
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc()).ok();
    let range = NaiveDate::from_ymd_opt(1, 1, 1)?..NaiveDate::from_ymd_opt(9999, 12, 31)?;
    moment.or_else(day).filter(|at: &DateTime<Utc>| range.contains(&at.date_naive()))
}

fn fault(code: &'static str, detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Violation::new("/filter", code, detail).into()
}

fn unknown(what: &str, name: &str) -> Error {
    let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    fault("unknown", format!("there is no {what} {name}"))
}

impl Op {
    /// The operator of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "in" => Self::In,
            "nin" => Self::Nin,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "contains" => Self::Contains,
            "starts" => Self::Starts,
            "exists" => Self::Exists,
            "between" => Self::Between,
            _ => return None,
        })
    }

    /// Whether values of this kind can be compared so.
    #[must_use]
    pub const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Eq => true,
            Self::Ne => !matches!(kind, Kind::Flag | Kind::Days),
            Self::In | Self::Nin => !matches!(kind, Kind::Time | Kind::Happening | Kind::Flag | Kind::Days),
            Self::Lt | Self::Lte | Self::Gt | Self::Gte | Self::Between => {
                matches!(kind, Kind::Number | Kind::Time | Kind::Happening)
            }
            Self::Contains => matches!(kind, Kind::Text | Kind::Pieces | Kind::Set),
            Self::Starts => matches!(kind, Kind::Text | Kind::Pieces),
            Self::Exists => matches!(kind, Kind::Text | Kind::Pieces | Kind::Set | Kind::Happening),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Reading<'_> = Reading { pii: true, now: DateTime::UNIX_EPOCH, saved: None };

    fn condition(field: &str, op: &str, values: &[&str]) -> pb::Filter {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let condition = pb::Condition { field: field.to_owned(), op: op.to_owned(), values };
        pb::Filter { node: Some(Node::Condition(condition)) }
    }

    fn code(filter: &pb::Filter) -> String {
        match Filter::parse(filter, &ALL) {
            Err(Error::Kit(kit::Error::Invalid(faults))) => {
                assert_eq!(faults[0].pointer, "/filter");
                faults[0].code.to_string()
            }
            other => panic!("not at fault: {other:?}"),
        }
    }

    /// CU-5: a field, operator or value that makes no sense is refused, never ignored.
    #[test]
    fn nothing_unknown_is_ignored() {
        assert_eq!(code(&condition("shoe_size", "eq", &["42"])), "unknown");
        assert_eq!(code(&condition("orders_count", "contains", &["4"])), "unknown");
        assert_eq!(code(&condition("orders_count", "like", &["4"])), "unknown");
        assert_eq!(code(&condition("orders_count", "eq", &["many"])), "malformed");
        assert_eq!(code(&condition("lifecycle", "eq", &["friend"])), "malformed");
        assert_eq!(code(&condition("created_at", "gt", &["yesterday"])), "malformed");
        assert_eq!(code(&condition("created_at", "gt", &["+260000-01-01T00:00:00Z"])), "malformed");
        assert_eq!(code(&condition("created_at", "between", &["2026-01-01"])), "out_of_range");
        assert_eq!(code(&condition("tags", "in", &[])), "out_of_range");
        assert_eq!(code(&condition("name", "eq", &["a\0"])), "malformed");
        assert_eq!(code(&condition("consent", "eq", &["fax"])), "malformed");
        assert_eq!(code(&condition("country", "eq", &["DEU"])), "malformed");
        assert_eq!(code(&condition("city", "contains", &["- _"])), "malformed");
        assert_eq!(code(&condition("products", "eq", &["cus_1"])), "malformed");
        assert_eq!(code(&condition("repeat", "eq", &["often"])), "malformed");
        assert_eq!(code(&condition("at_risk", "eq", &["0"])), "malformed");
        assert_eq!(code(&condition("at_risk", "ne", &["90"])), "unknown");
        assert_eq!(code(&pb::Filter::default()), "required");
        assert_eq!(code(&pb::Filter { node: Some(Node::And(pb::FilterList::default())) }), "required");
    }

    #[test]
    fn trees_have_an_end() {
        let mut deep = condition("orders_count", "eq", &["1"]);
        for _ in 0..DEPTH {
            deep = pb::Filter { node: Some(Node::Not(Box::new(deep))) };
        }
        assert_eq!(code(&deep), "too_deep");
        let many = vec![condition("orders_count", "eq", &["1"]); CONDITIONS + 1];
        assert_eq!(code(&pb::Filter { node: Some(Node::Or(pb::FilterList { filters: many })) }), "too_many");
    }

    /// ID-23: a personal field anywhere in the tree needs customers.pii.
    #[test]
    fn personal_fields_need_the_permission() {
        let inner = condition("email", "starts", &["ada"]);
        let filter = pb::Filter { node: Some(Node::Not(Box::new(inner))) };
        let masked = Reading { pii: false, ..ALL };
        assert!(matches!(Filter::parse(&filter, &masked), Err(Error::PiiRequired("email"))));
        assert!(Filter::parse(&filter, &ALL).is_ok());
    }

    #[test]
    fn values_are_read_by_their_kind() {
        let read = |filter| Filter::parse(&filter, &ALL).ok();
        let day = "2026-03-02T00:00:00Z".parse().expect("a moment");
        assert_eq!(
            read(condition("created_at", "gte", &["2026-03-02"])),
            Some(Filter::Test(Field::CreatedAt, Op::Gte, Values::Time(vec![day])))
        );
        assert_eq!(
            read(condition("email", "eq", &["ADA@Example.com"])),
            Some(Filter::Test(Field::Email, Op::Eq, Values::Text(vec!["ada@example.com".to_owned()])))
        );
        assert_eq!(
            read(condition("last_order_at", "exists", &["false"])),
            Some(Filter::Test(Field::LastOrderAt, Op::Exists, Values::Flag(false)))
        );
    }
}
