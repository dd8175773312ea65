//! Where the rows of a file come from: customers and leads from here, other lists from their owners. Page by page, so that
//! a few of them are in memory (EX-3).
use kit::{
    Db,
    page::{Cursor, Page},
    personal::redact,
};

use super::{
    cell::Cell,
    column::Column,
    export::{Export, Owner},
    lists::Lists,
};
use crate::{
    Error,
    customer::{encode::encode, store as customers},
    list::{self, query::Query, store::Row},
};

/// Rows that are read and written at once.
const ROWS: u32 = 1_000;
/// The same, of those that come from elsewhere.
const FAR: u32 = 500;

/// Where the rows of a file come from.
pub enum Source {
    /// From here.
    Near(Box<Near>),
    /// From their owner.
    Far(Box<Far>),
}

/// Customers or leads.
pub struct Near {
    db: Db,
    query: Query,
    columns: Vec<&'static Column>,
    pii: bool,
    page: Page,
}

/// A list of another service.
pub struct Far {
    lists: Lists,
    owner: Owner,
    export: Export,
    after: String,
}

/// A page of rows.
pub struct Batch {
    /// Their cells.
    pub rows: Vec<Vec<Cell>>,
    /// Whether there are more.
    pub more: bool,
    /// How many there are in all, told with the first page; 0 when they could not be counted in time.
    pub total: Option<i64>,
}

impl Source {
    /// The rows of `export`, from the first on.
    pub fn of(export: &Export, (db, lists): (&Db, &Lists)) -> Result<Self, Error> {
        if let Some(owner) = export.kind.owner() {
            let (lists, export) = (lists.clone(), export.clone());
            return Ok(Self::Far(Box::new(Far { lists, owner, export, after: String::new() })));
        }
        Ok(Self::Near(Box::new(Near {
            db: db.clone(),
            query: export.query()?,
            columns: export.columns.iter().filter_map(|name| Column::named(name)).collect(),
            pii: export.pii,
            page: Page { limit: ROWS, cursor: None, total: true },
        })))
    }

    /// Names of its columns.
    #[must_use]
    pub fn heading(&self) -> Vec<&str> {
        match self {
            Self::Near(near) => near.columns.iter().map(|column| column.name).collect(),
            Self::Far(far) => far.export.columns.iter().map(String::as_str).collect(),
        }
    }

    /// The next page.
    pub async fn next(&mut self) -> Result<Batch, Error> {
        match self {
            Self::Near(near) => near.next().await,
            Self::Far(far) => far.next().await,
        }
    }
}

impl Near {
    async fn next(&mut self) -> Result<Batch, Error> {
        let pool = self.db.pool();
        let total = if self.page.total {
            // A count that takes too long is done without: the list itself is read page by page.
            Some(list::store::count_all(pool, &self.query).await.unwrap_or_default())
        } else {
            None
        };
        let mut rows = list::store::page(pool, &self.query, &self.page).await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        let key = |row: &Row| self.query.sort.key(&row.customer, &row.name_key);
        let cursor = rows.last().map(|last| Cursor { forward: true, key: key(last) });
        self.page = Page { limit: ROWS, cursor, total: false };
        Ok(Batch { rows: self.cells(rows).await?, more, total })
    }

    /// What stands in the cells of `rows`, masked where it has to be (ID-23).
    async fn cells(&self, rows: Vec<Row>) -> Result<Vec<Vec<Cell>>, Error> {
        let ids: Vec<_> = rows.iter().map(|row| row.customer.id).collect();
        let mut sums = customers::sums(self.db.pool(), self.query.scope, &ids).await?;
        let cells = rows.into_iter().map(|row| {
            let sum = sums.remove(&row.customer.id).unwrap_or_default();
            let customer = encode(row.customer, &sum);
            let customer = if self.pii { customer } else { redact(customer) };
            self.columns.iter().map(|column| column.of(&customer)).collect()
        });
        Ok(cells.collect())
    }
}

impl Far {
    async fn next(&mut self) -> Result<Batch, Error> {
        let first = self.after.is_empty();
        let found = self.lists.page((self.owner, &self.export), self.after.clone(), FAR).await?;
        self.after = found.next;
        let rows = found.rows.into_iter().map(|row| row.cells.into_iter().map(Cell::from).collect()).collect();
        Ok(Batch { rows, more: !self.after.is_empty(), total: first.then_some(found.total) })
    }
}
