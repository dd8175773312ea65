//! Conditions and orders of the list in SQL. `figures` is always the table that figures come from.
use kit::{ids::CustomerId, page::Page};
use sqlx::{Postgres, QueryBuilder};

use super::{
    field::{Field, Kind},
    query::Query,
    sort::Term,
    tree::{self, Ground},
};

/// A statement in the making.
pub type Sql = QueryBuilder<Postgres>;

/// Adds `and` and the filter, if there is one.
pub fn filter(sql: &mut Sql, query: &Query, figures: &str) {
    if let Some(filter) = &query.filter {
        sql.push(" and ");
        tree::push(sql, filter, Ground { figures, scope: query.scope });
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

/// Pushes every item, with `separator` between them.
pub fn separated<T>(sql: &mut Sql, items: &[T], separator: &str, mut push: impl FnMut(&mut Sql, &T)) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            sql.push(separator);
        }
        push(sql, item);
    }
}
