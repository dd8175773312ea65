//! The customer RPCs: authorise, parse, call, encode.
use std::slice;

use chrono::{DateTime, Utc};
use kit::{
    Call, Db,
    actor::Actor,
    clock::{self, Clock},
    ids::CustomerId,
    page::{self, Pager},
    permission::Permission,
    personal::redact,
    reads::Reads,
};
use proto::customers::v1::{self as pb, customer_service_server::CustomerService};
use sqlx::PgExecutor;
use tonic::{Request, Response, Status};

use super::{
    Scope,
    customer::Customer,
    encode::{Sum, encode},
    ensure::{EnsureCustomer, Place, ensure_customer},
    find::find_customer,
    register::{RegisterCustomer, register_customer},
    store::{self, Known},
    update_profile::{UpdateOwnProfile, update_own_profile},
};
use crate::{
    Error,
    key::Keys,
    list::{self, query::Query, search::Search},
    retention::level::activity,
    segment,
    shops::Shops,
};

/// The server of customer RPCs.
pub struct Customers {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) shops: Shops,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
}

/// `customer` with what is added up of them in `scope`, as `actor` may see them (ID-23): customers see themselves.
async fn show(
    db: impl PgExecutor<'_>,
    (actor, now): (&Actor, DateTime<Utc>),
    scope: Scope,
    customer: Customer,
) -> Result<pb::Customer, Error> {
    let sum = store::sums(db, scope, slice::from_ref(&customer.id)).await?.remove(&customer.id).unwrap_or_default();
    Ok(mask(actor, encode(customer, &sum), now))
}

/// As `actor` may see them at `now`.
pub(crate) fn tell(actor: &Actor, known: Known, now: DateTime<Utc>) -> pb::Customer {
    mask(actor, encode(known.customer, &known.sum), now)
}

/// What `actor` may see of `customer` at `now` (ID-23).
pub(crate) fn mask(actor: &Actor, mut customer: pb::Customer, now: DateTime<Utc>) -> pb::Customer {
    let last = customer.last_activity_at.as_ref().and_then(clock::datetime);
    customer.activity = last.map(|last| activity(last, now).to_owned()).unwrap_or_default();
    if actor.is_staff() && !actor.sees_pii() { redact(customer) } else { customer }
}

impl Customers {
    /// Whose record `actor` may read when they ask for `id`, and with which figures (ID-30).
    async fn readable(&self, actor: &Actor, id: CustomerId) -> Result<Scope, Error> {
        if let Some(own) = actor.customer() {
            let realm = Scope::realm(actor.realm()?);
            return if own == id { Ok(realm) } else { Err(Error::CustomerNotFound) };
        }
        if actor.is_system() {
            let realm = store::realm_of(self.db.pool(), id).await?;
            return Ok(Scope::realm(realm.ok_or(Error::CustomerNotFound)?));
        }
        Ok(Scope::of(actor)?)
    }

    async fn register_input(&self, request: &pb::RegisterCustomerRequest) -> Result<RegisterCustomer, Error> {
        let Place { realm, store } = Place::parse(&request.realm, &request.store)?;
        let shop = self.shops.find(realm, store).await?;
        RegisterCustomer::parse(request, realm, shop, self.clock.now())
    }

    async fn profile_input(
        &self,
        actor: &Actor,
        request: pb::UpdateOwnProfileRequest,
    ) -> Result<UpdateOwnProfile, Error> {
        let (realm, customer) = (actor.realm()?, actor.require_customer()?);
        if request.phone.is_some() {
            actor.require_self()?;
        }
        let shop = match (actor.store, &request.phone) {
            (Some(place), Some(_)) => Some(self.shops.get(realm, place).await?),
            _ => None,
        };
        let country = shop.as_ref().map(|shop| shop.country.as_str());
        UpdateOwnProfile::parse(request, (realm, customer), country, self.clock.now())
    }

    /// A page of customers with what is added up of them.
    async fn listed(
        &self,
        call: &Call,
        request: &pb::ListCustomersRequest,
    ) -> Result<pb::ListCustomersResponse, Error> {
        let actor = call.actor()?;
        let saved = segment::named(self.db.pool(), Scope::of(actor)?, request.filter.as_ref()).await?;
        let query = Query::parse(request, actor, &saved, self.clock.now())?;
        let context = query.context();
        let page = self.pager.read(request.page.as_ref(), &context)?;
        query.check(page.cursor.as_ref())?;
        let rows = list::store::page(self.db.pool(), &query, &page).await?;
        let (rows, mut place) =
            self.pager.finish(&page, rows, &context, |row| query.sort.key(&row.customer, &row.name_key));
        if page.total {
            place.total = page::total(list::store::count(self.db.pool(), &query).await?);
        }
        let ids: Vec<CustomerId> = rows.iter().map(|row| row.customer.id).collect();
        let mut sums = store::sums(self.db.pool(), query.scope, &ids).await?;
        self.reads.note(call, ids);
        let now = self.clock.now();
        let customers = rows.into_iter().map(|row| {
            let sum = sums.remove(&row.customer.id).unwrap_or_default();
            tell(actor, Known { customer: row.customer, sum }, now)
        });
        let searched = query.search.as_ref().map(Search::fields).unwrap_or_default();
        Ok(pb::ListCustomersResponse { customers: customers.collect(), page: Some(place), searched })
    }
}

#[tonic::async_trait]
impl CustomerService for Customers {
    async fn ensure_customer(
        &self,
        request: Request<pb::EnsureCustomerRequest>,
    ) -> Result<Response<pb::EnsureCustomerResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require_system()?;
        let request = request.into_inner();
        let place = Place::parse(&request.realm, &request.store)?;
        let shop = self.shops.find(place.realm, place.store).await?;
        let input = EnsureCustomer::parse(&request, place.realm, shop, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (customer, created) = ensure_customer(&mut tx, input).await?;
        let customer = if created {
            mask(actor, encode(customer, &Sum::default()), self.clock.now())
        } else {
            show(&mut *tx, (actor, self.clock.now()), Scope::realm(place.realm), customer).await?
        };
        let customer = Some(customer);
        Ok(tx.answer(pb::EnsureCustomerResponse { customer, created }).await?)
    }

    async fn register_customer(
        &self,
        request: Request<pb::RegisterCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require_system()?;
        let input = self.register_input(request.get_ref()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = register_customer(&mut tx, input).await?;
        let customer = show(&mut *tx, (actor, self.clock.now()), Scope::realm(customer.realm), customer).await?;
        Ok(tx.answer(customer).await?)
    }

    async fn find_customer(
        &self,
        request: Request<pb::FindCustomerRequest>,
    ) -> Result<Response<pb::FindCustomerResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require_system()?;
        let request = request.into_inner();
        let realm = request.realm.parse();
        let realm = realm.map_err(|_| kit::Error::invalid("/realm", "malformed", "this is not the id of a realm"))?;
        let known = find_customer(&self.db, realm, &request.identity).await?;
        let customer = known.map(|known| tell(actor, known, self.clock.now()));
        Ok(Response::new(pb::FindCustomerResponse { customer }))
    }

    async fn get_customer(&self, request: Request<pb::GetCustomerRequest>) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        if actor.customer().is_none() {
            actor.require(Permission::CustomersRead)?;
        }
        let id = request.into_inner().id.parse().map_err(|_| Error::CustomerNotFound)?;
        let scope = self.readable(actor, id).await?;
        let known = store::find(self.db.pool(), scope, id).await?.ok_or(Error::CustomerNotFound)?;
        self.reads.note(&call, [known.customer.id]);
        Ok(Response::new(tell(actor, known, self.clock.now())))
    }

    async fn list_customers(
        &self,
        request: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        Ok(Response::new(self.listed(&call, request.get_ref()).await?))
    }

    async fn update_own_profile(
        &self,
        request: Request<pb::UpdateOwnProfileRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let input = self.profile_input(actor, request.into_inner()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let customer = update_own_profile(&mut tx, (&call, &self.keys), input).await?;
        let customer = show(&mut *tx, (actor, self.clock.now()), Scope::realm(customer.realm), customer).await?;
        Ok(tx.answer(customer).await?)
    }
}
