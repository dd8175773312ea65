//! Lists of tickets: which, in which order, and their SQL.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    failure::Violation,
    ids::{CustomerId, TicketId},
    page::{COUNT_CAP, Cursor, Page},
    pool::Pool,
};
use proto::customers::v1::ListTicketsRequest;
use sqlx::{Postgres, QueryBuilder};

use super::{
    filter::{self, Test},
    store::{Row, SELECT},
    viewer::Viewer,
};
use crate::{Error, list::search::Search};

/// A list as it was asked for.
#[derive(Clone, Debug)]
pub struct Query {
    viewer: Viewer,
    customer: Option<CustomerId>,
    search: Option<Search>,
    tests: Vec<Test>,
    sort: Sort,
}

/// An order of a list. Ids are in the order of time, and end every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sort {
    by_change: bool,
    descending: bool,
}

impl Sort {
    fn parse(names: &[String], viewer: &Viewer) -> Result<Self, Violation> {
        let fault = || Violation::new("/sort", "unknown", "tickets are sorted by updated_at or created_at");
        let [name] = names else {
            // People look for what they wrote last, staff for what waits.
            let usual = Self { by_change: viewer.is_staff(), descending: true };
            return if names.is_empty() { Ok(usual) } else { Err(fault()) };
        };
        let (name, descending) = name.strip_prefix('-').map_or((name.as_str(), false), |name| (name, true));
        match name {
            "updated_at" => Ok(Self { by_change: true, descending }),
            "created_at" => Ok(Self { by_change: false, descending }),
            _ => Err(fault()),
        }
    }

    fn columns(self) -> &'static str {
        if self.by_change { "t.updated_at, t.id" } else { "t.id" }
    }
}

impl Query {
    /// Reads what `viewer`, who sees personal data or does not, asks for.
    pub fn parse(request: &ListTicketsRequest, viewer: Viewer, pii: bool) -> Result<Self, Error> {
        let customer = (!request.customer.is_empty()).then(|| request.customer.parse());
        Ok(Self {
            customer: customer.transpose().map_err(|_| Error::CustomerNotFound)?,
            search: Search::parse(&request.query, pii || !viewer.is_staff())?,
            tests: filter::parse(request.filter.as_ref())?,
            sort: Sort::parse(&request.sort, &viewer)?,
            viewer,
        })
    }

    /// Everything that a cursor is bound to.
    #[must_use]
    pub fn context(&self) -> String {
        format!("tickets {:?} {:?} {:?} {:?} {:?}", self.viewer, self.customer, self.search, self.tests, self.sort)
    }

    /// The place of a row.
    #[must_use]
    pub fn key(&self, row: &Row) -> Vec<String> {
        let id = row.ticket.id.to_string();
        if self.sort.by_change { vec![row.ticket.updated_at.to_rfc3339(), id] } else { vec![id] }
    }

    /// A page of rows in reading direction, one more than wanted when there are more.
    pub async fn page(&self, db: &Pool, page: &Page) -> Result<Vec<Row>, Error> {
        let mut sql = QueryBuilder::new(SELECT);
        self.conditions(&mut sql);
        let descends = self.sort.descending == page.is_forward();
        if let Some(cursor) = &page.cursor {
            let (at, id) = self.place(cursor)?;
            sql.push(format!(" and ({}) {} (", self.sort.columns(), if descends { "<" } else { ">" }));
            if let Some(at) = at {
                sql.push_bind(at).push(", ");
            }
            sql.push_bind(id).push(")");
        }
        let direction = if descends { " desc" } else { "" };
        sql.push(format!(" order by {}{direction} limit ", self.sort.columns().replace(',', &format!("{direction},"))));
        sql.push_bind(page.fetch());
        // Planned with the values at hand: a rare word and a common status need different indexes.
        Ok(sql.build_query_as().persistent(false).fetch_all(db).await?)
    }

    /// How many there are, counted up to one more than the cap.
    pub async fn count(&self, db: &Pool) -> Result<i64, Error> {
        let mut sql = QueryBuilder::new("select count(*) from (select 1 from tickets t where ");
        self.conditions(&mut sql);
        sql.push(" limit ").push_bind(COUNT_CAP + 1).push(") as counted");
        Ok(sql.build_query_scalar().persistent(false).fetch_one(db).await?)
    }

    fn place(&self, cursor: &Cursor) -> Result<(Option<DateTime<Utc>>, TicketId), Violation> {
        let read = || match &cursor.key[..] {
            [at, id] if self.sort.by_change => {
                Some((Some(DateTime::parse_from_rfc3339(at).ok()?.to_utc()), id.parse().ok()?))
            }
            [id] if !self.sort.by_change => Some((None, id.parse().ok()?)),
            _ => None,
        };
        read().ok_or_else(|| Violation::new("/after", "bad_cursor", "this cursor is not valid for this list"))
    }

    fn conditions(&self, sql: &mut QueryBuilder<Postgres>) {
        match &self.viewer {
            Viewer::Staff(scope) => {
                sql.push("t.realm_id = ").push_bind(scope.realm);
                if let Some(store) = scope.store {
                    sql.push(" and t.store_id = ").push_bind(store);
                }
                if let Some(customer) = self.customer {
                    sql.push(" and t.customer_id = ");
                    push_kept(sql, scope.realm, customer);
                }
                self.tests.iter().for_each(|test| test.write(scope.realm, sql));
            }
            Viewer::Own(_, own) => {
                sql.push("(false");
                for own in own {
                    sql.push(" or t.realm_id = ").push_bind(own.realm);
                    sql.push(" and t.customer_id = ").push_bind(own.customer);
                    if let Some(store) = own.store {
                        sql.push(" and t.store_id = ").push_bind(store);
                    }
                }
                sql.push(")");
            }
        }
        self.search(sql);
    }

    /// Adds `and` and what is searched: a number or an id, and for those who may see it a part of what was written. Staff
    /// alone search.
    fn search(&self, sql: &mut QueryBuilder<Postgres>) {
        let (Some(search), Viewer::Staff(scope)) = (&self.search, &self.viewer) else { return };
        let realm = scope.realm;
        sql.push(" and t.id in (select n.id from tickets n where n.realm_id = ").push_bind(realm);
        let number = search.text().strip_prefix('#').unwrap_or(search.text());
        sql.push(" and n.number = ").push_bind(number.parse::<i64>().unwrap_or_default());
        if let Some(store) = scope.store {
            sql.push(" and n.store_id = ").push_bind(store);
        }
        if let Ok(id) = search.text().parse::<TicketId>() {
            sql.push(" union all select ").push_bind(id);
        }
        if search.is_personal() {
            for (id, table, column) in [
                ("id", "tickets", "subject"),
                ("ticket_id", "ticket_comments", "text"),
                ("ticket_id", "ticket_notes", "text"),
            ] {
                sql.push(format!(" union all select s.{id} from {table} s where s.realm_id = ")).push_bind(realm);
                sql.push(format!(" and ' ' || lower(s.{column}) like lower(")).push_bind(search.pattern()).push(")");
            }
        }
        sql.push(")");
    }
}
