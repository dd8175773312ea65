//! Everything about one customer in one place (CU-7), and its parts one by one.
use std::{sync::Arc, time::Duration};

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::{carts::v1::ListWishesRequest, customers::v1::GetCustomerRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    carts,
    customer::Customer,
    customer_addresses, customer_downloads,
    customer_notes::{self, Note},
    customer_purchases,
    customer_timeline::{self, Moment},
    library,
    list_query::{CartSorts, Filters, OrderSearch, Pages, ReviewSorts, Totals},
    messages::{self, Message},
    orders, reviews, subscriptions,
    ticket::Ticket,
    tickets, transactions,
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{
        Cart, DownloadUse, LibraryItem, List, Order, Purchase, Review, SavedAddress, Subscription, Transaction, Wish,
    },
};

/// The routes about one customer.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(get_profile))
        .routes(routes!(list_customer_orders))
        .routes(routes!(list_customer_carts))
        .routes(routes!(list_customer_messages))
        .routes(routes!(list_customer_reviews))
        .routes(routes!(list_customer_wishes))
}

/// How long the profile waits for a part that it can do without.
const PATIENCE: Duration = Duration::from_secs(3);

/// Everything about a customer: of each list its newest 25.
#[derive(Serialize, ToSchema)]
struct Profile {
    /// The record.
    customer: Customer,
    /// Tags in alphabetical order.
    tags: Vec<String>,
    /// Orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<List<Order>>,
    /// Products that they bought, last bought first.
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<List<Purchase>>,
    /// Subscriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriptions: Option<List<Subscription>>,
    /// Carts, open and closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    carts: Option<List<Cart>>,
    /// Reviews.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviews: Option<List<Review>>,
    /// Support tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<List<Ticket>>,
    /// Messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<List<Message>>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<List<Note>>,
    /// Saved addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<List<SavedAddress>>,
    /// What happened, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeline: Option<List<Moment>>,
    /// Movements of money, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    transactions: Option<List<Transaction>>,
    /// What they wish for.
    #[serde(skip_serializing_if = "Option::is_none")]
    wishlist: Option<List<Wish>>,
    /// Digital products that they have, or had.
    #[serde(skip_serializing_if = "Option::is_none")]
    library: Option<List<LibraryItem>>,
    /// What they downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    downloads: Option<List<DownloadUse>>,
    /// Parts that could not be had just now.
    unavailable: Vec<&'static str>,
    /// Parts that the caller has no permission for.
    withheld: Vec<&'static str>,
}

/// A part of the profile.
enum Part<T> {
    There(List<T>),
    Unavailable,
    Withheld,
}

impl<T> Part<T> {
    /// Waits for a part. What the caller may not see, or a service cannot give, does not hold up the rest.
    async fn of(answer: impl Future<Output = Result<Answer<List<T>>, Problem>>) -> Result<Self, Problem> {
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => Ok(Self::There(answer.body)),
            Ok(Err(problem)) if problem.status() == StatusCode::FORBIDDEN => Ok(Self::Withheld),
            Ok(Err(problem)) if !problem.is_outage() => Err(problem),
            Ok(Err(_)) | Err(_) => Ok(Self::Unavailable),
        }
    }
}

impl Profile {
    fn take<T>(&mut self, name: &'static str, part: Part<T>) -> Option<List<T>> {
        match part {
            Part::There(list) => return Some(list),
            Part::Unavailable => self.unavailable.push(name),
            Part::Withheld => self.withheld.push(name),
        }
        None
    }
}

pub async fn customer(peers: &Peers, caller: &Caller, id: String) -> Result<Customer, Problem> {
    let customer = peers.customers().get_customer(caller.ask(GetCustomerRequest { id })).await?;
    Ok(customer.into_inner().into())
}

/// Everything about a customer
///
/// When a part is unavailable the rest still comes, and `unavailable` names it.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/profile", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = Profile), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_profile(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Profile>, Problem> {
    let (peers, of, none) = (&*peers, || id.clone(), String::new);
    let files = Wanted::default();
    let list = transactions::list(peers, &caller, of(), Wanted::default());
    let (
        customer,
        orders,
        products,
        subscriptions,
        carts,
        reviews,
        tickets,
        messages,
        notes,
        addresses,
        timeline,
        wishlist,
        transactions,
        library,
        downloads,
    ) = tokio::try_join!(
        customer(peers, &caller, of()),
        Part::of(orders::list(peers, &caller, of(), Wanted::default())),
        Part::of(customer_purchases::list(peers, &caller, of(), Wanted::default())),
        Part::of(subscriptions::list(peers, &caller, of(), Wanted::default())),
        Part::of(carts::list(peers, &caller, of(), Wanted::default())),
        Part::of(reviews::list(peers, &caller, [none(), of()], Wanted::default())),
        Part::of(tickets::list(peers, &caller, of(), Wanted::default())),
        Part::of(messages::list(peers, &caller, [of(), none(), none()], Wanted::default())),
        Part::of(customer_notes::list(peers, &caller, of(), Wanted::default())),
        Part::of(customer_addresses::list(peers, &caller, of())),
        Part::of(customer_timeline::list(peers, &caller, of(), Wanted::default())),
        Part::of(wishes(peers, &caller, of())),
        Part::of(list),
        Part::of(library::list(peers, &caller, of())),
        Part::of(customer_downloads::list(peers, &caller, of(), files)),
    )?;
    let mut profile = Profile {
        tags: customer.tags.clone(),
        customer,
        orders: None,
        products: None,
        subscriptions: None,
        carts: None,
        reviews: None,
        tickets: None,
        messages: None,
        notes: None,
        addresses: None,
        timeline: None,
        transactions: None,
        wishlist: None,
        library: None,
        downloads: None,
        unavailable: Vec::new(),
        withheld: Vec::new(),
    };
    profile.orders = profile.take("orders", orders);
    profile.products = profile.take("products", products);
    profile.subscriptions = profile.take("subscriptions", subscriptions);
    profile.carts = profile.take("carts", carts);
    profile.reviews = profile.take("reviews", reviews);
    profile.tickets = profile.take("tickets", tickets);
    profile.messages = profile.take("messages", messages);
    profile.notes = profile.take("notes", notes);
    profile.addresses = profile.take("addresses", addresses);
    profile.timeline = profile.take("timeline", timeline);
    profile.transactions = profile.take("transactions", transactions);
    profile.wishlist = profile.take("wishlist", wishlist);
    profile.library = profile.take("library", library);
    profile.downloads = profile.take("downloads", downloads);
    Ok(Answer::new(profile))
}

/// A customer's orders
///
/// Takes the same as the list of orders.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/orders", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, OrderSearch, Filters
    ),
    responses((status = 200, body = List<Order>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::OrdersRead.slug()])))
)]
async fn list_customer_orders(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Order>>, Problem> {
    let wanted = Wanted::read(params, orders::OFFER)?;
    let known = customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, orders::list(&peers, &caller, id, wanted))?;
    Ok(list)
}

/// A customer's carts
///
/// Open, closed and expired ones. Takes the same as the list of carts.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/carts", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, CartSorts, Filters
    ),
    responses((status = 200, body = List<Cart>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::CartsRead.slug()])))
)]
async fn list_customer_carts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Cart>>, Problem> {
    let wanted = Wanted::read(params, carts::OFFER)?;
    let known = customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, carts::list(&peers, &caller, id, wanted))?;
    Ok(list)
}

/// Messages to a customer
///
/// Newest first. Filters: `template` and `status`, by `eq`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/messages", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, Filters
    ),
    responses((status = 200, body = List<Message>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::MessagesRead.slug()])))
)]
async fn list_customer_messages(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Message>>, Problem> {
    let wanted = Wanted::read(params, messages::OFFER)?;
    let [template, status] = wanted.only(["template", "status"])?;
    let known = customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, messages::list(&peers, &caller, [id, template, status], wanted))?;
    Ok(list)
}

/// Reviews by a customer
///
/// Newest first. Filter: `subject`, by `eq`; sorts: `created_at`, `rating`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/reviews", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, ReviewSorts, Filters
    ),
    responses((status = 200, body = List<Review>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::ReviewsRead.slug()])))
)]
async fn list_customer_reviews(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Review>>, Problem> {
    let wanted = Wanted::read(params, reviews::OFFER)?;
    let [subject] = wanted.only(["subject"])?;
    let known = customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, reviews::list(&peers, &caller, [subject, id], wanted))?;
    Ok(list)
}

async fn wishes(peers: &Peers, caller: &Caller, customer: String) -> Result<Answer<List<Wish>>, Problem> {
    let found = peers.wishes().list_wishes(caller.ask(ListWishesRequest { customer })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.wishes)))
}

/// What a customer wishes for
///
/// Newest first, all of it; what was bought since says so. Staff of a store see what their store sells.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/wishlist", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = List<Wish>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_customer_wishes(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<List<Wish>>, Problem> {
    wishes(&peers, &caller, id).await
}
