//! Filter trees in SQL.
use sqlx::Postgres;

use super::{
    beside,
    condition::{Sql, separated},
    field::{Field, Kind},
    filter::{Filter, Op, Values},
    search::escape,
};
use crate::customer::Scope;

/// What a tree stands on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The table that figures come from.
    pub figures: &'a str,
    /// Whose list it is.
    pub scope: Scope,
}

/// Adds a tree.
pub fn push(sql: &mut Sql, filter: &Filter, ground: Ground<'_>) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            let separator = if matches!(filter, Filter::And(_)) { " and " } else { " or " };
            sql.push("(");
            separated(sql, filters, separator, |sql, filter| push(sql, filter, ground));
            sql.push(")");
        }
        Filter::Not(filter) => {
            sql.push("not (");
            push(sql, filter, ground);
            sql.push(")");
        }
        Filter::Test(field, op, values) => test(sql, (*field, *op), values, ground),
    }
}

fn test(sql: &mut Sql, (field, op): (Field, Op), values: &Values, ground: Ground<'_>) {
    let column = match (field, op) {
        (Field::Email, Op::Eq | Op::Ne | Op::In | Op::Nin) => "c.email_canonical".to_owned(),
        (Field::Business, Op::Exists) => "c.business".to_owned(),
        _ => field.sql(ground.figures),
    };
    sql.push("(");
    match values {
        Values::Text(texts) if field == Field::Consent => beside::consents(sql, op, texts),
        Values::Text(texts) if field == Field::Subscription => beside::subscriptions(sql, op, texts, ground.scope),
        Values::Text(texts) if field == Field::Business => beside::business(sql, &column, op, texts),
        Values::Text(texts) if beside::is_place(field) => beside::places(sql, (field, op), texts, ground.scope),
        Values::Product(ids) => beside::products(sql, op, ids, ground.scope),
        Values::Flag(there) if beside::is_place(field) => beside::has_place(sql, field, *there),
        Values::Flag(there) => exists(sql, field, &column, *there),
        Values::Text(texts) if field.kind() == Kind::Set => set(sql, &column, op, texts),
        Values::Text(texts) => text(sql, field, &column, (op, texts)),
        Values::Number(numbers) => compare(sql, &column, op, numbers.clone()),
        Values::Id(ids) => compare(sql, &column, op, ids.clone()),
        Values::Time(times) => {
            if field == Field::LastActivityAt {
                beside::on_days(sql, op, times);
            } else if field.kind() == Kind::Happening || field == Field::UpdatedAt {
                beside::since(sql, op, times);
            }
            compare(sql, &column, op, times.clone());
            // What has not happened is not before anything.
            if field.kind() == Kind::Happening && matches!(op, Op::Lt | Op::Lte) {
                sql.push(" and ").push(&column).push(" > '-infinity'");
            }
        }
    }
    sql.push(")");
}

fn exists(sql: &mut Sql, field: Field, column: &str, there: bool) {
    let nothing = match field.kind() {
        Kind::Happening => "'-infinity'",
        Kind::Set => "'{}'",
        _ => "''",
    };
    sql.push(column).push(if there { " <> " } else { " = " }).push(nothing);
}

fn set(sql: &mut Sql, column: &str, op: Op, tags: &[String]) {
    if matches!(op, Op::Ne | Op::Nin) {
        sql.push("not ");
    }
    sql.push(column).push(" && ").push_bind(tags.to_vec());
}

fn text(sql: &mut Sql, field: Field, column: &str, (op, texts): (Op, &[String])) {
    if !matches!(op, Op::Contains | Op::Starts) {
        let folded = matches!(field.kind(), Kind::Text);
        return compare(
            sql,
            column,
            op,
            texts.iter().map(|t| if folded { t.to_lowercase() } else { t.clone() }).collect(),
        );
    }
    let part = escape(&texts[0]);
    // The search narrows it down by its index, the field itself decides; in a way that the planner takes for likely,
    // since the two go together.
    let (pattern, test) = match op {
        Op::Starts => (format!("% {part}%"), "starts_with("),
        _ => (format!("%{part}%"), "0 < strpos("),
    };
    sql.push("c.id in (select k.id from customer_search k where k.search like lower(").push_bind(pattern);
    sql.push(")) and ").push(test).push(column);
    sql.push(", lower(").push_bind(texts[0].clone()).push("))");
}

fn compare<'q, T>(sql: &mut Sql, column: &str, op: Op, values: Vec<T>)
where
    T: sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + sqlx::postgres::PgHasArrayType + Send + 'q,
    Vec<T>: sqlx::Encode<'q, Postgres> + 'q,
{
    sql.push(column);
    let operator = match op {
        Op::In => " = any(",
        Op::Nin => " <> all(",
        Op::Ne => " <> ",
        Op::Lt => " < ",
        Op::Lte => " <= ",
        Op::Gt => " > ",
        Op::Gte => " >= ",
        Op::Between => " between ",
        Op::Eq | Op::Contains | Op::Starts | Op::Exists => " = ",
    };
    sql.push(operator);
    if matches!(op, Op::In | Op::Nin) {
        sql.push_bind(values).push(")");
        return;
    }
    for (place, value) in values.into_iter().enumerate() {
        sql.push(if place > 0 { " and " } else { "" }).push_bind(value);
    }
}
