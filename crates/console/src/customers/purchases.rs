//! `GET /console/customers/{id}/purchases`: what somebody bought, subscribed to, wishes for, paid and thinks of it (CU-7).
//! Parts that cannot be had are named, and the rest is shown.
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use futures_util::future;
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    carts::v1::{ListWishesRequest, Wish},
    orders::v1::{ListPurchasesRequest, ListSubscriptionsRequest, ListTransactionsRequest, Purchase, Transaction},
    reviews::v1::{ListReviewsRequest, Review},
};

use super::head::{Head, customer};
use crate::{
    console::Console,
    frame::Frame,
    part::{Newest, Part},
    problem::Problem,
    show::{Badge, Moment, label, price},
    staff::Session,
    subscriptions::Record,
    visit::SignedIn,
};

/// Rows of each part.
const ROWS: u32 = 25;

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "customers/purchases.html")]
pub struct Page {
    frame: Frame,
    head: Head,
    bought: Part<Newest<BoughtRow>>,
    subscriptions: Part<Newest<Record>>,
    transactions: Part<Newest<TransactionRow>>,
    wishes: Part<Newest<WishRow>>,
    reviews: Part<Newest<ReviewRow>>,
}

struct BoughtRow {
    name: String,
    sku: String,
    quantity: u32,
    refunded: u32,
    orders: u32,
    last: Option<Moment>,
    last_order: String,
}

struct TransactionRow {
    order: String,
    what: String,
    status: Badge,
    gateway: String,
    amount: String,
    at: Option<Moment>,
}

struct WishRow {
    name: String,
    price: String,
    wished: Option<Moment>,
    order: String,
}

struct ReviewRow {
    stars: u32,
    content: String,
    verified: bool,
    written: Option<Moment>,
}

/// `GET /console/customers/{id}/purchases`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Page, Problem> {
    let known = customer(&console, &desk, &id).await?;
    let session = &desk.session;
    let page = || Some(PageRequest { limit: ROWS, ..PageRequest::default() });
    let (mut purchases, mut subscriptions) = (console.purchases.clone(), console.subscriptions.clone());
    let (mut transactions, mut wishes) = (console.transactions.clone(), console.wishes.clone());
    let mut reviews = console.reviews.clone();
    let bought = ListPurchasesRequest { customer: id.clone(), page: page() };
    let subscribed = ListSubscriptionsRequest { customer: id.clone(), page: page(), ..Default::default() };
    let paid = ListTransactionsRequest { customer: id.clone(), page: page(), ..Default::default() };
    let wished = ListWishesRequest { customer: id.clone() };
    let written = ListReviewsRequest { author: id, page: page(), ..Default::default() };
    let (bought, subscriptions, transactions, wishes, reviews) = Box::pin(future::join5(
        Part::load(&desk, Permission::OrdersRead, purchases.list_purchases(desk.ask(bought)), |answer| {
            Newest::new(answer.purchases.into_iter().map(|one| BoughtRow::new(one, session)), answer.page.as_ref())
        }),
        Part::load(&desk, Permission::OrdersRead, subscriptions.list_subscriptions(desk.ask(subscribed)), |answer| {
            let rows = answer.subscriptions.into_iter().map(|one| Record::new(one, session.zone));
            Newest::new(rows, answer.page.as_ref())
        }),
        Part::load(&desk, Permission::OrdersRead, transactions.list_transactions(desk.ask(paid)), |answer| {
            let rows = answer.transactions.into_iter().map(|one| TransactionRow::new(one, session));
            Newest::new(rows, answer.page.as_ref())
        }),
        Part::load(&desk, Permission::CustomersRead, wishes.list_wishes(desk.ask(wished)), |answer| {
            Newest::new(answer.wishes.into_iter().map(|one| WishRow::new(one, session)), None)
        }),
        Part::load(&desk, Permission::ReviewsRead, reviews.list_reviews(desk.ask(written)), |answer| {
            Newest::new(answer.reviews.into_iter().map(|one| ReviewRow::new(one, session)), answer.page.as_ref())
        }),
    ))
    .await;
    let head = Head::new(&known, session, "/purchases");
    Ok(Page { frame: Frame::of(&desk.visit), head, bought, subscriptions, transactions, wishes, reviews })
}

impl BoughtRow {
    fn new(purchase: Purchase, session: &Session) -> Self {
        Self {
            last: Moment::new(purchase.last_at.as_ref(), session.zone),
            name: purchase.name,
            sku: purchase.sku,
            quantity: purchase.quantity,
            refunded: purchase.refunded,
            orders: purchase.orders,
            last_order: purchase.last_order,
        }
    }
}

impl TransactionRow {
    fn new(entry: Transaction, session: &Session) -> Self {
        Self {
            what: label::words(&entry.r#type),
            status: Badge::new(&entry.status),
            gateway: label::words(&entry.gateway),
            amount: price(entry.amount.as_ref()),
            at: Moment::new(entry.created_at.as_ref(), session.zone),
            order: entry.order,
        }
    }
}

impl WishRow {
    fn new(wish: Wish, session: &Session) -> Self {
        Self {
            price: price(wish.price.as_ref()),
            wished: Moment::new(wish.wished_at.as_ref(), session.zone),
            name: wish.name,
            order: wish.order,
        }
    }
}

impl ReviewRow {
    fn new(review: Review, session: &Session) -> Self {
        Self {
            stars: review.rating,
            content: review.content,
            verified: review.verified,
            written: Moment::new(review.created_at.as_ref(), session.zone),
        }
    }
}
