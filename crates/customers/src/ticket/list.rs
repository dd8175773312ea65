//! Lists of tickets: which, in which order, and their SQL.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    failure::Violation,
    ids::{CustomerId, RealmId, TicketId},
    page::{COUNT_CAP, Cursor, Page},
    pool::Pool,
};
use proto::customers::v1::ListTicketsRequest;
use sqlx::{Postgres, QueryBuilder};

use super::{
    filter::{self, Test},
    store::{COLUMNS, CUSTOMERS, Row},
    viewer::Viewer,
};
use crate::{Error, list::search::Search};

/// Rows of the list that are looked through for a word that may be common.
const WINDOW: i64 = 1_000;
/// Where something is written: the ticket's id, the table, the column.
const WRITTEN: [(&str, &str, &str); 3] =
    [("id", "tickets", "subject"), ("ticket_id", "ticket_comments", "text"), ("ticket_id", "ticket_notes", "text")];

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

    /// A page of rows in reading direction, one more than wanted when there are more. A common word fills it from the
    /// first rows of the list; for a rare one an inverted index is asked.
    pub async fn page(&self, db: &Pool, page: &Page) -> Result<Vec<Row>, Error> {
        if self.search.as_ref().is_some_and(Search::is_personal) && self.viewer.is_staff() {
            let rows = self.window(db, page).await?;
            if i64::try_from(rows.len()).is_ok_and(|rows| rows == page.fetch()) {
                return Ok(rows);
            }
        }
        let mut sql = QueryBuilder::new("");
        let searched = self.found(&mut sql);
        sql.push(COLUMNS).push(if searched {
            " from found f join tickets t on t.id = f.id"
        } else {
            " from tickets t"
        });
        sql.push(CUSTOMERS).push(" where ");
        self.conditions(&mut sql);
        self.behind(&mut sql, page)?;
        self.fetch(db, sql, page).await
    }

    /// Looks through the first rows behind the cursor.
    async fn window(&self, db: &Pool, page: &Page) -> Result<Vec<Row>, Error> {
        let (Some(search), Some((number, _))) = (&self.search, self.named()) else { return Ok(Vec::new()) };
        let mut sql = QueryBuilder::new(COLUMNS);
        sql.push(" from (select t.* from tickets t where ");
        self.conditions(&mut sql);
        self.behind(&mut sql, page)?;
        self.order(&mut sql, page);
        sql.push(" limit ").push_bind(WINDOW).push(") t").push(CUSTOMERS).push(" where (t.number = ").push_bind(number);
        sql.push(" or ' ' || lower(t.subject) like lower(").push_bind(search.pattern()).push(")");
        for table in ["ticket_comments", "ticket_notes"] {
            sql.push(format!(" or exists (select from {table} s where s.realm_id = t.realm_id and s.ticket_id = t.id"));
            sql.push(" and ' ' || lower(s.text) like lower(").push_bind(search.pattern()).push("))");
        }
        sql.push(")");
        self.fetch(db, sql, page).await
    }

    async fn fetch(&self, db: &Pool, mut sql: QueryBuilder<Postgres>, page: &Page) -> Result<Vec<Row>, Error> {
        self.order(&mut sql, page);
        sql.push(" limit ").push_bind(page.fetch());
        // Else planned with the values at hand: a rare word and a common status need different indexes.
        Ok(sql.build_query_as().persistent(self.is_of_one()).fetch_all(db).await?)
    }

    /// Whether it is all that one customer has: everybody's has the same plan, and planning it anew takes longer than reading
    /// it.
    fn is_of_one(&self) -> bool {
        self.customer.is_some() && self.search.is_none() && self.tests.is_empty()
    }

    fn descends(&self, page: &Page) -> bool {
        self.sort.descending == page.is_forward()
    }

    /// Adds `and` and what makes a row lie behind the cursor, if there is one.
    fn behind(&self, sql: &mut QueryBuilder<Postgres>, page: &Page) -> Result<(), Violation> {
        let Some(cursor) = &page.cursor else { return Ok(()) };
        let (at, id) = self.place(cursor)?;
        sql.push(format!(" and ({}) {} (", self.sort.columns(), if self.descends(page) { "<" } else { ">" }));
        if let Some(at) = at {
            sql.push_bind(at).push(", ");
        }
        sql.push_bind(id).push(")");
        Ok(())
    }

    fn order(&self, sql: &mut QueryBuilder<Postgres>, page: &Page) {
        let direction = if self.descends(page) { " desc" } else { "" };
        let columns = self.sort.columns().replace(',', &format!("{direction},"));
        sql.push(format!(" order by {columns}{direction}"));
    }

    /// How many there are, counted up to one more than the cap.
    pub async fn count(&self, db: &Pool) -> Result<i64, Error> {
        let mut sql = QueryBuilder::new("");
        let searched = self.found(&mut sql);
        sql.push("select count(*) from (select 1 from ");
        sql.push(if searched { "found f join tickets t on t.id = f.id" } else { "tickets t" }).push(" where ");
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
    }

    /// The number that is searched, if it is one, and the customer base to look in. Staff alone search.
    fn named(&self) -> Option<(i64, RealmId)> {
        let (Some(search), Viewer::Staff(scope)) = (&self.search, &self.viewer) else { return None };
        let number = search.text().strip_prefix('#').unwrap_or(search.text());
        Some((number.parse().unwrap_or_default(), scope.realm))
    }

    /// Begins with `found`, the tickets of a number or an id, and for those who may see it of a part of what was written;
    /// whether anything is searched.
    fn found(&self, sql: &mut QueryBuilder<Postgres>) -> bool {
        let (Some(search), Some((number, realm))) = (&self.search, self.named()) else { return false };
        sql.push("with found as materialized (select n.id from tickets n where n.realm_id = ").push_bind(realm);
        sql.push(" and n.number = ").push_bind(number);
        if let Ok(id) = search.text().parse::<TicketId>() {
            sql.push(" union select ").push_bind(id);
        }
        if search.is_personal() {
            for (id, table, column) in WRITTEN {
                sql.push(format!(" union select s.{id} from {table} s where s.realm_id = ")).push_bind(realm);
                sql.push(format!(" and ' ' || lower(s.{column}) like lower(")).push_bind(search.pattern()).push(")");
            }
        }
        sql.push(") ");
        true
    }
}
