//! The RPCs of orders.
use kit::{
    Call, Db, Error as Kit,
    actor::{Actor, Kind},
    failure::Violation,
    ids::CustomerId,
    page::{self, Pager},
    permission::Permission,
    reads::Reads,
    transport::Transport,
};
use proto::{
    base::v1::{Filter, Page},
    identity::v1::shopper_service_client::ShopperServiceClient,
    orders::v1::{
        BrowseOwnOrdersRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order,
        order_service_server::OrderService,
    },
};
use tonic::{Request, Response, Status};

use super::{
    Order as OwnOrder, filter,
    list::{self, Scope, Wanted},
    store,
    view::{self, Sight},
};
use crate::{error::Error, subscription::reach::Reach};

/// Most rows that may be skipped.
const FARTHEST: u32 = 10_000;
/// Longest search for a number.
const LONGEST_QUERY: usize = 40;

/// Answers [`OrderService`].
#[derive(Clone)]
pub struct Orders {
    /// The database.
    pub db: Db,
    /// Makes cursors.
    pub pager: Pager,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
    /// Whom sessions of the portal are of.
    pub shoppers: ShopperServiceClient<Transport>,
}

impl Orders {
    /// Among which orders whoever sends `call` may look.
    async fn scopes(&self, call: &Call) -> Result<Vec<Scope>, Error> {
        Ok(Reach::of(&self.shoppers, (call, Permission::OrdersRead)).await?.scopes)
    }
}

#[tonic::async_trait]
impl OrderService for Orders {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let id = request.into_inner().id.parse().map_err(|_| Error::OrderNotFound)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let order = if actor.is_system() {
            store::find_anywhere(&mut *db, id).await?
        } else {
            let scopes = self.scopes(&call).await?;
            let mut found = None;
            for scope in scopes {
                let order = store::find(&mut *db, scope.realm, id).await?;
                found = found.or(order.filter(|order| scope.holds(order)));
            }
            found.filter(|order| order.is_placed() || actor.kind != Kind::Shopper)
        };
        let order = order.ok_or(Error::OrderNotFound)?;
        let sight = sight(actor, &order);
        self.reads.note(&call, [order.customer]);
        let shown = view::show_one(&mut db, order, sight).await?;
        db.finish();
        Ok(Response::new(shown))
    }

    async fn list_orders(&self, request: Request<ListOrdersRequest>) -> Result<Response<ListOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let request = request.into_inner();
        let wanted = wanted(&request, actor, self.scopes(&call).await?)?;
        let context = format!("orders {wanted:?}");
        let page = self.pager.read(request.page.as_ref(), &context).map_err(Error::from)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let found = list::page(&mut *db, &wanted, &page).await?;
        let (found, mut shown) = self.pager.finish(&page, found, &context, list::key);
        if page.total {
            shown.total = page::total(list::count(&mut *db, &wanted).await?);
        }
        self.reads.note(&call, found.iter().map(|order| order.customer));
        let orders = view::show_any(&mut db, found, |order| sight(actor, order)).await?;
        db.finish();
        Ok(Response::new(ListOrdersResponse { orders, page: Some(shown) }))
    }

    async fn browse_own_orders(
        &self,
        request: Request<BrowseOwnOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let scope = own(actor)?;
        let (limit, offset) = window(request.into_inner())?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let mut found = list::slice(&mut *db, &scope, limit, offset).await?;
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        self.reads.note(&call, found.iter().map(|order| order.customer));
        let orders = view::show(&mut db, scope.realm, found, |order| Sight::of(actor, order)).await?;
        db.finish();
        Ok(Response::new(ListOrdersResponse { orders, page: Some(Page { has_more, ..Page::default() }) }))
    }
}

/// A signed-in customer's own orders.
fn own(actor: &Actor) -> Result<Scope, Error> {
    Ok(Scope { customer: Some(actor.require_customer()?), realm: actor.realm()?, store: actor.store })
}

/// What `actor` may see: customers their own, staff with `orders.read` their store's or network's.
pub(crate) fn scope(actor: &Actor) -> Result<Scope, Error> {
    if !actor.is_staff() {
        return own(actor);
    }
    actor.require(Permission::OrdersRead)?;
    Ok(Scope { realm: actor.realm()?, store: actor.store, customer: None })
}

/// What `actor` sees of `order`, which they may see: shoppers all of it that is not for staff alone.
fn sight(actor: &Actor, order: &OwnOrder) -> Sight {
    let sight = Sight::of(actor, order);
    Sight { clear: sight.clear || actor.kind == Kind::Shopper, ..sight }
}

fn wanted(request: &ListOrdersRequest, actor: &Actor, mut scopes: Vec<Scope>) -> Result<Wanted, Error> {
    if !request.customer.is_empty() {
        let customer: CustomerId = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        if actor.kind == Kind::Shopper {
            return Err(Error::CustomerNotFound);
        }
        for scope in &mut scopes {
            if scope.customer.is_some_and(|own| own != customer) {
                return Err(Error::CustomerNotFound);
            }
            scope.customer = Some(customer);
        }
    }
    narrowed(scopes, &request.query, request.filter.as_ref())
}

/// Orders of `scopes` whose number begins with `query`, and for which `filter` holds.
pub(crate) fn narrowed(scopes: Vec<Scope>, query: &str, filter: Option<&Filter>) -> Result<Wanted, Error> {
    let mut faults = Vec::new();
    let query = query.trim();
    if query.chars().count() > LONGEST_QUERY {
        faults.push(Violation::new("/q", "too_long", format!("at most {LONGEST_QUERY} characters")));
    } else if query.chars().any(char::is_control) {
        faults.push(Violation::new("/q", "malformed", "a number holds no such characters"));
    }
    let filter = filter::parse(filter, filter::ORDERS).unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    if !faults.is_empty() {
        return Err(Kit::Invalid(faults).into());
    }
    // People write numbers as they see them: “#1042”.
    let query = query.trim_start_matches('#');
    Ok(Wanted { scopes, query: Some(query.to_owned()).filter(|query| !query.is_empty()), filter })
}

fn window(request: BrowseOwnOrdersRequest) -> Result<(u32, u32), Error> {
    let limit = if request.limit == 0 { 25 } else { request.limit };
    let mut faults = Vec::new();
    if limit > 100 {
        faults.push(Violation::new("/limit", "out_of_range", "limit must be 1 to 100"));
    }
    if request.offset > FARTHEST {
        faults.push(Violation::new("/offset", "out_of_range", format!("offset must be at most {FARTHEST}")));
    }
    if faults.is_empty() { Ok((limit, request.offset)) } else { Err(Kit::Invalid(faults).into()) }
}
