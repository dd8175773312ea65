//! A list as a file: what is asked for, its states, who may see it.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::Actor,
    clock::timestamp,
    ids::{ExportId, RealmId, StoreId},
    permission::Permission,
    secret::Secrets,
};
use proto::{
    base::v1::{Condition, Filter as Tree, FilterList, RowsQuery, filter::Node},
    customers::v1 as pb,
};

use super::link;
use crate::{
    Error,
    customer::Scope,
    list::{filter::Filter, query::Query, reading::Reading, search::Search, sort::Sort},
    segment,
};

/// How long a file is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// How often writing it is tried.
pub const TRIES: i32 = 5;

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    /// Everybody's.
    Customers,
    /// Of those who have bought nothing yet.
    Leads,
    /// Placed orders.
    Orders,
    /// The ledger.
    Transactions,
    /// Subscriptions.
    Subscriptions,
    /// Carts that nobody has bought or left for too long.
    OpenCarts,
}

/// Whose list it is, unless it is one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The service orders.
    Orders,
    /// The service carts.
    Carts,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Customers, Self::Leads, Self::Orders, Self::Transactions, Self::Subscriptions, Self::OpenCarts];

    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Leads => "leads",
            Self::Orders => "orders",
            Self::Transactions => "transactions",
            Self::Subscriptions => "subscriptions",
            Self::OpenCarts => "open_carts",
        }
    }

    /// What whoever sees the list needs.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Customers | Self::Leads => Permission::CustomersRead,
            Self::Orders | Self::Transactions | Self::Subscriptions => Permission::OrdersRead,
            Self::OpenCarts => Permission::CartsRead,
        }
    }

    /// The service that tells its rows, unless it is this one.
    #[must_use]
    pub const fn owner(self) -> Option<Owner> {
        match self {
            Self::Customers | Self::Leads => None,
            Self::Orders | Self::Transactions | Self::Subscriptions => Some(Owner::Orders),
            Self::OpenCarts => Some(Owner::Carts),
        }
    }

    /// The field that dates narrow it down by.
    #[must_use]
    pub const fn moment(self) -> &'static str {
        if matches!(self, Self::Orders) { "placed_at" } else { "created_at" }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == name)
    }
}

/// What the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// A page.
    Html,
}

impl Format {
    /// As the API names it; also how names of its files end.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Html => "html",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Csv, Self::Xlsx, Self::Html].into_iter().find(|format| format.slug() == name)
    }

    /// What browsers are told that it is.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Nobody has taken it up yet.
    Queued,
    /// Somebody writes it.
    Running,
    /// There is a file.
    Succeeded,
    /// It was given up.
    Failed,
}

impl State {
    const fn slug(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A list as a file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Export {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: ExportId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: Option<StoreId>,
    pub(crate) kind: Kind,
    pub(crate) format: Format,
    pub(crate) search: String,
    #[sqlx(rename = "filter")]
    pub(crate) tree: Option<segment::store::Tree>,
    pub(crate) columns: Vec<String>,
    pub(crate) pii: bool,
    pub(crate) state: State,
    pub(crate) done: i64,
    pub(crate) total: i64,
    pub(crate) failure: String,
    pub(crate) attempts: i32,
    pub(crate) file: String,
    pub(crate) size: i64,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl Export {
    /// Whose customers are meant.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        Scope { realm: self.realm, store: self.store }
    }

    /// Whether `actor` may see it: whoever asked for it, in the place they asked in, as long as they may see what is in it.
    #[must_use]
    pub fn is_shown_to(&self, actor: &Actor) -> bool {
        self.created_by == actor.subject
            && Scope::of(actor).is_ok_and(|scope| scope == self.scope())
            && (!self.pii || actor.sees_pii())
            && actor.require(self.kind.permission()).is_ok()
    }

    /// What its owner is asked for.
    #[must_use]
    pub fn rows(&self) -> RowsQuery {
        RowsQuery {
            r#type: self.kind.slug().to_owned(),
            filter: self.tree.as_ref().map(|tree| tree.0.clone()),
            query: self.search.clone(),
            columns: self.columns.clone(),
        }
    }

    /// The list of customers to write. It is that of the moment it was asked for, however late it is written.
    pub fn query(&self) -> Result<Query, Error> {
        let reading = Reading { pii: self.pii, now: self.created_at, saved: None };
        Ok(Query::of(
            self.scope(),
            Search::parse(&self.search, self.pii)?,
            self.tree.as_ref().map(|tree| Filter::restore(&tree.0, &reading)).transpose()?,
            Sort::parse(&[], self.pii)?,
        ))
    }

    /// Where its file lies, once it does.
    #[must_use]
    pub fn place(&self) -> String {
        format!("exports/{}/{}.{}", self.realm, self.id, self.format.slug())
    }

    /// What its file is called by whoever has it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}.{}", self.kind.slug(), self.created_at.format("%Y-%m-%d"), self.format.slug())
    }

    /// Whether there is a file to read at `now`.
    #[must_use]
    pub fn is_readable(&self, now: DateTime<Utc>) -> bool {
        !self.file.is_empty() && self.expires_at.is_some_and(|end| now < end)
    }

    /// As the API shows it, with a link to its file where there is one.
    #[must_use]
    pub fn told(self, secrets: &Secrets, now: DateTime<Utc>) -> pb::Export {
        let until = self.expires_at.map(|end| end.min(now + link::GOOD));
        let link = until.filter(|_| self.is_readable(now)).map(|until| link::write(secrets, self.id, until));
        pb::Export {
            id: self.id.into(),
            r#type: self.kind.slug().to_owned(),
            format: self.format.slug().to_owned(),
            state: self.state.slug().to_owned(),
            done: self.done,
            total: self.total,
            link: link.unwrap_or_default(),
            failure: self.failure,
            columns: self.columns,
            masked: !self.pii,
            created_at: Some(timestamp(self.created_at)),
            ended_at: self.ended_at.map(timestamp),
            expires_at: self.expires_at.map(timestamp),
        }
    }
}

/// A comparison.
pub(crate) fn condition(field: &str, op: &str, value: &str) -> Tree {
    let condition = Condition { field: field.to_owned(), op: op.to_owned(), values: vec![value.to_owned()] };
    Tree { node: Some(Node::Condition(condition)) }
}

/// All of `trees`; none without any.
pub(crate) fn all(trees: Vec<Tree>) -> Option<Tree> {
    (!trees.is_empty()).then_some(Tree { node: Some(Node::And(FilterList { filters: trees })) })
}
