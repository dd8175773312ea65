//! Conditions and orders of the list in SQL. `figures` is always the table that figures come from.
use kit::{ids::CustomerId, page::Page};
use sqlx::{Postgres, QueryBuilder};

use super::{
    field::{Field, Kind},
    filter::{Filter, Op, Values},
    query::Query,
    search::escape,
    sort::Term,
};

type Sql = QueryBuilder<Postgres>;

/// Adds `and` and the filter, if there is one.
pub fn filter(sql: &mut Sql, query: &Query, figures: &str) {
    if let Some(filter) = &query.filter {
        sql.push(" and ");
        push(sql, filter, figures);
    }
}

/// Adds `and` and what makes a row lie behind the cursor in reading direction, if there is one.
pub fn behind(sql: &mut Sql, query: &Query, page: &Page, figures: &str) {
    let Some(cursor) = &page.cursor else { return };
    let terms: Vec<_> = query.sort.terms().iter().zip(&cursor.key).collect();
    if query.sort.is_even() {
        // One comparison of rows, which an index follows.
        sql.push(" and (");
        separated(sql, &terms, ", ", |sql, (term, _)| {
            sql.push(value(query, term.field, figures));
        });
        sql.push(if descends(*terms[0].0, page) { ") < (" } else { ") > (" });
        separated(sql, &terms, ", ", |sql, (term, key)| operand(sql, term.field, key));
        sql.push(")");
        return;
    }
    // The first field bounds the range, then: beyond in the n-th field, equal in those in front of it.
    let (first, key) = terms[0];
    sql.push(" and ").push(value(query, first.field, figures));
    sql.push(if descends(*first, page) { " <= " } else { " >= " });
    operand(sql, first.field, key);
    sql.push(" and (");
    let lengths: Vec<usize> = (0..terms.len()).collect();
    separated(sql, &lengths, " or ", |sql, last| {
        sql.push("(");
        separated(sql, &terms[..=*last], " and ", |sql, (term, key)| {
            let beyond = if descends(**term, page) { " < " } else { " > " };
            let compared = if term.field == terms[*last].0.field { beyond } else { " = " };
            sql.push(value(query, term.field, figures)).push(compared);
            operand(sql, term.field, key);
        });
        sql.push(")");
    });
    sql.push(")");
}

/// Adds the order in reading direction.
pub fn order(sql: &mut Sql, query: &Query, page: &Page, figures: &str) {
    sql.push(" order by ");
    separated(sql, query.sort.terms(), ", ", |sql, term| {
        sql.push(value(query, term.field, figures)).push(if descends(*term, page) { " desc" } else { "" });
    });
}

/// A field of the order. Beside a store's own figures the id comes from the same table, as their index has it.
fn value(query: &Query, field: Field, figures: &str) -> String {
    match field {
        Field::Id if figures == "s" && query.sort.terms()[0].field.is_figure() => "s.customer_id".to_owned(),
        field => field.sql(figures),
    }
}

fn descends(term: Term, page: &Page) -> bool {
    term.descending == page.is_forward()
}

/// A value of a cursor, which is in text; it was checked when the cursor was read.
fn operand(sql: &mut Sql, field: Field, key: &str) {
    match field.kind() {
        Kind::Number => sql.push_bind(key.parse::<i64>().unwrap_or_default()),
        Kind::Time | Kind::Happening => sql.push_bind(key.to_owned()).push("::timestamptz"),
        Kind::Id => sql.push_bind(key.parse::<CustomerId>().ok()),
        _ => sql.push_bind(key.to_owned()),
    };
}

fn separated<T>(sql: &mut Sql, items: &[T], separator: &str, mut push: impl FnMut(&mut Sql, &T)) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            sql.push(separator);
        }
        push(sql, item);
    }
}

fn push(sql: &mut Sql, filter: &Filter, figures: &str) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            let separator = if matches!(filter, Filter::And(_)) { " and " } else { " or " };
            sql.push("(");
            separated(sql, filters, separator, |sql, filter| push(sql, filter, figures));
            sql.push(")");
        }
        Filter::Not(filter) => {
            sql.push("not (");
            push(sql, filter, figures);
            sql.push(")");
        }
        Filter::Test(field, op, values) => test(sql, (*field, *op), values, figures),
    }
}

fn test(sql: &mut Sql, (field, op): (Field, Op), values: &Values, figures: &str) {
    let column = match (field, op) {
        (Field::Email, Op::Eq | Op::Ne | Op::In | Op::Nin) => "c.email_canonical".to_owned(),
        _ => field.sql(figures),
    };
    sql.push("(");
    match values {
        Values::Flag(there) => exists(sql, field, &column, *there),
        Values::Text(texts) if field.kind() == Kind::Set => set(sql, &column, op, texts),
        Values::Text(texts) => text(sql, field, &column, (op, texts)),
        Values::Number(numbers) => compare(sql, &column, op, numbers.clone()),
        Values::Id(ids) => compare(sql, &column, op, ids.clone()),
        Values::Time(times) => {
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
