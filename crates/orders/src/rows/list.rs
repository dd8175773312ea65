//! The lists that files are written of: what is asked of them, and their pages, newest first.
use kit::{
    failure::Violation,
    page::Page,
    personal::redact,
    pool::Pool,
    rows::{self, Column, Desk},
};
use proto::{
    base::v1::{Row, RowsQuery},
    orders::v1::{Order, Subscription},
};

use super::column::{
    Booked, ITEMS, ORDERS, SUBSCRIPTIONS, TRANSACTIONS, USUAL_ORDERS, USUAL_SUBSCRIPTIONS, USUAL_TRANSACTIONS,
};
use crate::{
    error::Error,
    order::{filter, grpc::narrowed, list as orders, list::Scope, view, view::Sight},
    subscription::list as subscriptions,
    transaction::list as transactions,
};

/// Most rows at once: with their lines, orders take some room.
pub const MOST: u32 = 500;

type Columns<T> = Vec<&'static Column<T>>;

/// A list as somebody asks for it, and its columns.
pub enum List {
    /// Of placed orders.
    Orders(orders::Wanted, Columns<Order>),
    /// Of the ledger.
    Transactions(transactions::Wanted, Columns<Booked>),
    /// Of subscriptions.
    Subscriptions(subscriptions::Wanted, Columns<Subscription>),
}

impl List {
    /// Reads what is asked for at `desk`: filters and searches are those of the lists themselves.
    pub fn parse(query: &RowsQuery, desk: &Desk) -> Result<Self, Error> {
        let scope = Scope { realm: desk.realm, store: desk.store, customer: None };
        if query.r#type != "orders" && !query.query.is_empty() {
            return Err(Violation::new("/q", "not_applicable", "this list has no search").into());
        }
        let (filter, names) = (query.filter.as_ref(), &query.columns);
        Ok(match query.r#type.as_str() {
            "orders" => {
                Self::Orders(narrowed(vec![scope], &query.query, filter)?, rows::columns(ORDERS, USUAL_ORDERS, names)?)
            }
            "transactions" => Self::Transactions(
                transactions::Wanted { scope, filter: filter::parse(filter, transactions::FIELDS)? },
                rows::columns(TRANSACTIONS, USUAL_TRANSACTIONS, names)?,
            ),
            "subscriptions" => Self::Subscriptions(
                subscriptions::Wanted { scopes: vec![scope], filter: filter::parse(filter, filter::SUBSCRIPTIONS)? },
                rows::columns(SUBSCRIPTIONS, USUAL_SUBSCRIPTIONS, names)?,
            ),
            _ => return Err(Violation::new("/type", "unknown_value", "there is no such list here").into()),
        })
    }

    /// Names of its columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        fn names<T>(columns: &Columns<T>) -> Vec<String> {
            columns.iter().map(|column| column.name.to_owned()).collect()
        }
        match self {
            Self::Orders(_, columns) => names(columns),
            Self::Transactions(_, columns) => names(columns),
            Self::Subscriptions(_, columns) => names(columns),
        }
    }

    /// How many rows it has.
    pub async fn count(&self, pool: &Pool) -> Result<i64, Error> {
        match self {
            Self::Orders(wanted, _) => orders::count_all(pool, wanted).await,
            Self::Transactions(wanted, _) => transactions::count_all(pool, wanted).await,
            Self::Subscriptions(wanted, _) => subscriptions::count_all(pool, wanted).await,
        }
    }

    /// A page of it as `desk` sees it, and where the next one goes on.
    pub async fn page(&self, pool: &Pool, page: &Page, desk: &Desk) -> Result<(Vec<Row>, String), Error> {
        let sight = Sight { clear: desk.pii, staff: true };
        match self {
            Self::Orders(wanted, columns) => page_of_orders(pool, (wanted, columns), page, sight).await,
            Self::Transactions(wanted, columns) => {
                let mut found = transactions::page(pool, wanted, page).await?;
                let next = rows::cut(page, &mut found, transactions::key);
                let booked = found.into_iter().map(|row| row.booked(sight)).collect::<Result<Vec<_>, _>>()?;
                Ok((rows::rows(columns, booked), next))
            }
            Self::Subscriptions(wanted, columns) => {
                let mut found = subscriptions::page(pool, wanted, page).await?;
                let next = rows::cut(page, &mut found, subscriptions::key);
                Ok((rows::rows(columns, found.into_iter().map(|one| one.encode(sight))), next))
            }
        }
    }
}

/// Orders, with what is in them only where it is told.
async fn page_of_orders(
    pool: &Pool,
    (wanted, columns): (&orders::Wanted, &Columns<Order>),
    page: &Page,
    sight: Sight,
) -> Result<(Vec<Row>, String), Error> {
    let mut found = orders::page(pool, wanted, page).await?;
    let next = rows::cut(page, &mut found, orders::key);
    let shown = if columns.iter().any(|column| column.name == ITEMS) {
        let mut db = pool.acquire().await?;
        let shown = view::show_any(&mut db, found, |_| sight).await?;
        db.finish();
        shown
    } else {
        found.into_iter().map(|order| view::show_bare(order, sight)).collect()
    };
    Ok((rows::rows(columns, shown), next))
}

impl transactions::Row {
    /// As a row of a file.
    fn booked(self, sight: Sight) -> Result<Booked, Error> {
        let (number, store, customer) = (self.number.clone(), self.store_id.into(), self.customer_id.into());
        let entry = self.encode()?;
        let entry = if sight.clear { entry } else { redact(entry) };
        Ok(Booked { entry, number, store, customer })
    }
}
