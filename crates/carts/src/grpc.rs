//! The cart RPCs: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::Actor,
    attribution::Attribution,
    audit::{self, Entry},
    clock::Clock,
    ids::{LineId, PlanId, ProductId, StoreId},
    money::{self, Currency},
    page::{self, Pager},
    reads::Reads,
    stores::Stores,
    transport::Transport,
};
use proto::{
    carts::v1::{self as pb, cart_service_server::CartService},
    customers::v1::customer_service_client::CustomerServiceClient,
};
use tonic::{Request, Response, Status};

use crate::{
    Error, access, attribution,
    cart::{Cart, Line, LineName},
    catalog::{Added, Catalog},
    change::{Change, change_cart, delete_cart},
    code::Code,
    contact::Contact,
    gift::Gift,
    guest,
    list::{self, Query},
    name::{ClientKey, Name},
    offer::Offers,
    open::{OpenCart, open_cart},
    priced::Priced,
    quantity::Quantity,
    store,
    tariff::Places,
    view::show,
};

/// How often a change is tried again because somebody else changed the cart between reading and writing it.
pub(crate) const ATTEMPTS: usize = 20;

/// The server of cart RPCs.
pub struct Carts {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) stores: Stores,
    pub(crate) catalog: Catalog,
    pub(crate) customers: CustomerServiceClient<Transport>,
    pub(crate) colleagues: attribution::Colleagues,
    pub(crate) reads: Reads,
}

pub(crate) type Answer = Result<Response<pb::Cart>, Error>;

/// What is to be done with a cart.
#[derive(Clone, Copy)]
pub(crate) enum Deed<'a> {
    Edit(&'a Edit<'a>),
    Delete,
}

pub(crate) type Edit<'a> = dyn Fn(&mut Cart, &Offers) -> Result<(), Error> + Send + Sync + 'a;

/// Does `edit`, and has the cart remember what its answer is going to show (CA-2).
fn remembering(cart: &mut Cart, offers: &Offers, edit: &Edit<'_>) -> Result<(), Error> {
    edit(cart, offers)?;
    offers.remember(cart);
    Ok(())
}

impl Carts {
    /// The cart that `name` means to `actor`, whatever its status.
    pub(crate) async fn find(&self, actor: &Actor, name: &Name) -> Result<Option<Cart>, Error> {
        let front = if actor.is_system() { None } else { Some(access::front(actor)?) };
        let cart = store::find_named(self.db.pool(), front, name).await?;
        let cart = guest::follow(self.db.pool(), actor, cart).await?;
        Ok(cart.filter(|cart| access::reaches(actor, cart)))
    }

    /// The cart at the prices of now, or those it was bought at, as the caller may see it.
    pub(crate) async fn shown(&self, call: &Call, cart: &Cart) -> Result<pb::Cart, Error> {
        self.shown_at(call, cart, &Places::of(cart)).await
    }

    /// The same if it went to these `places`.
    async fn shown_at(&self, call: &Call, cart: &Cart, places: &Places) -> Result<pb::Cart, Error> {
        let offers = self.catalog.offers(call, &[cart], Added::Nothing).await?;
        let now = self.clock.now();
        Ok(show(cart, Priced::at(places, cart, &offers, now)?, call.actor()?, now))
    }

    /// What opening a cart for `actor` takes.
    async fn opening(&self, actor: &Actor, key: Option<ClientKey>) -> Result<OpenCart, Error> {
        let front = access::front(actor)?;
        let currency = match front.store {
            Some(store) => Some(self.currency(store).await?),
            None => None,
        };
        let attribution = Attribution::default();
        Ok(OpenCart { front, currency, key, customer: actor.customer(), attribution, now: self.clock.now() })
    }

    async fn currency(&self, store: StoreId) -> Result<Currency, Error> {
        let code = &self.stores.get(store).await?.currency;
        Ok(money::currency(code).map_err(|_| kit::Error::Internal(format!("{store} sells in {code:?}")))?)
    }

    /// The open cart with this key of the client's: the one there is, or a fresh one. Whoever opens it first wins.
    async fn fresh(&self, call: &Call, key: ClientKey) -> Result<Cart, Error> {
        let actor = call.actor()?;
        let name = Name::Key(key.clone());
        for _ in 0..ATTEMPTS {
            let found = self.find(actor, &name).await?;
            if let Some(cart) = found.filter(|cart| cart.check_open(self.clock.now()).is_ok()) {
                return Ok(cart);
            }
            let input = self.opening(actor, Some(key.clone())).await?;
            let mut tx = self.db.begin_own().await?;
            match open_cart(&mut tx, input).await {
                Err(Error::ClientKeyTaken) => {}
                opened => {
                    let cart = opened?;
                    tx.commit().await?;
                    return Ok(cart);
                }
            }
        }
        Err(kit::Error::Busy.into())
    }

    /// The product that the store of a cart sells under this SKU.
    async fn with_sku(&self, call: &Call, cart: &str, sku: &str) -> Result<ProductId, Error> {
        let actor = call.actor()?;
        access::check_write(actor)?;
        let cart = self.find(actor, &Name::parse(cart)?).await?.ok_or(Error::CartNotFound)?;
        let store = cart.store().or(actor.store).ok_or(Error::ProductNotFound)?;
        self.catalog.with_sku(call, store, sku.to_owned()).await
    }

    /// The cart of a change as it is, and its prices with what is to be `added`.
    async fn before(&self, call: &Call, id: &str, added: Added<'_>) -> Result<(Cart, Offers), Error> {
        let actor = call.actor()?;
        let cart = self.find(actor, &Name::parse(id)?).await?.ok_or(Error::CartNotFound)?;
        if matches!(added, Added::Nothing) {
            access::check_owner(actor, &cart)?; // others may fill it, not take anything out
        }
        cart.check_open(self.clock.now())?;
        let offers = self.catalog.offers(call, &[&cart], added).await?;
        if let Added::Product(product) = added {
            self.catalog.check_seller(actor, &cart, offers.buyable(product)?).await?;
        }
        Ok((cart, offers))
    }

    /// Carries a change out and answers the cart. Nothing is locked while prices are asked: when somebody else changed
    /// the cart in between, everything starts over.
    pub(crate) async fn change(&self, call: &Call, id: &str, added: Added<'_>, deed: Deed<'_>) -> Answer {
        let actor = call.actor()?;
        access::check_write(actor)?;
        for _ in 0..ATTEMPTS {
            // Asked first, since what the request named may be gone.
            if let Some(answer) = self.db.replayed(call).await? {
                return Ok(answer);
            }
            let (cart, offers) = self.before(call, id, added).await?;
            let change = Change { call, now: self.clock.now() };
            let mut tx = self.db.begin_new(call).await?;
            let changed = match deed {
                Deed::Edit(edit) => change_cart(&mut tx, change, cart, |cart| remembering(cart, &offers, edit)).await?,
                Deed::Delete => delete_cart(&mut tx, change, cart).await?,
            };
            if let Some(cart) = changed {
                let answer = show(&cart, Priced::of(&cart, &offers, change.now)?, actor, change.now);
                return Ok(tx.answer(answer).await?);
            }
            tx.rollback().await?;
        }
        Err(kit::Error::Busy.into())
    }
}

/// The plan that a request names; none by an empty text.
fn plan(text: &str) -> Result<Option<PlanId>, Error> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| Error::PlanNotFound) }
}

#[tonic::async_trait]
impl CartService for Carts {
    async fn open_cart(&self, request: Request<pb::OpenCartRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        access::check_write(actor)?;
        let pb::OpenCartRequest { client_key, customer, currency, attribution } = request.into_inner();
        let key = Some(client_key).filter(|key| !key.is_empty());
        let key = key.as_deref().map(ClientKey::parse).transpose()?;
        let mut input = self.opening(actor, key).await?;
        input.attribution = attribution::read(actor, attribution)?;
        if actor.is_staff() {
            actor.store()?; // a cart of staff buys from a store from the beginning
            input.customer = self.client(&call, &customer).await?;
            input.check_currency(&currency)?;
            self.colleagues.check(&call, actor.store, &input.attribution).await?;
        }
        if let Some(agent) = attribution::agent(actor) {
            input.attribution.worked_on_by(agent);
        }
        let now = input.now;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let cart = open_cart(&mut tx, input).await?;
        if actor.is_administrative() {
            let entry = Entry::new("cart.opened", ("cart", cart.id), now);
            audit::record(&mut tx, &call, cart.customer.into_iter().fold(entry, Entry::about))?;
        }
        let answer = show(&cart, Priced::of(&cart, &Offers::default(), now)?, actor, now);
        Ok(tx.answer(answer).await?)
    }

    async fn get_cart(&self, request: Request<pb::GetCartRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        access::check_read(actor)?;
        let request = request.into_inner();
        if request.destinations.is_some() {
            actor.require_system()?; // a shopper's cart goes where its contact says
        }
        let name = Name::parse(&request.id)?;
        let found = self.find(actor, &name).await?;
        let cart = match (found, name) {
            (Some(cart), _) if !access::is_shop_front(actor) || cart.check_open(self.clock.now()).is_ok() => cart,
            (Some(cart), _) => self.fresh(&call, cart.succession()).await?,
            (None, Name::Key(key)) if access::is_shop_front(actor) => self.fresh(&call, key).await?,
            (None, _) => return Err(Error::CartNotFound.into()),
        };
        self.reads.note(&call, cart.customer);
        let places = request.destinations.map_or_else(|| Places::of(&cart), Places::from);
        Ok(Response::new(self.shown_at(&call, &cart, &places).await?))
    }

    async fn add_line(&self, request: Request<pb::AddLineRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let product = match request.sku.as_str() {
            "" => request.product.parse().map_err(|_| Error::ProductNotFound)?,
            sku => self.with_sku(&call, &request.cart, sku).await?,
        };
        let item = (product, plan(&request.plan)?);
        let quantity = Quantity::parse(request.quantity)?.unwrap_or(Quantity::ONE);
        let line = LineId::new(self.clock.now());
        let gift = request.gift.as_ref().map(Gift::parse).transpose()?;
        let actor = call.actor()?;
        let add = |cart: &mut Cart, offers: &Offers| match gift.clone() {
            Some(gift) => {
                access::check_owner(actor, cart)?; // they pay for what somebody else would get
                cart.give(Line::given(line, item, (quantity, gift)), offers.buyable(product)?)
            }
            None => cart.add(line, item, offers.buyable(product)?, quantity),
        };
        Ok(self.change(&call, &request.cart, Added::Product(product), Deed::Edit(&add)).await?)
    }

    async fn set_line(&self, request: Request<pb::SetLineRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let line = LineName::parse(&request.line)?;
        let quantity = request.quantity.map(Quantity::parse).transpose()?;
        let plan = request.plan.as_deref().map(plan).transpose()?;
        let gift = request.gift.as_ref().map(Gift::parse).transpose()?;
        let gift = gift.map(Some).or(request.no_gift.then_some(None));
        let set = |cart: &mut Cart, offers: &Offers| {
            let (mut line, mut quantity) = (line, quantity);
            if let (Some(None), None | Some(Some(_))) = (&gift, quantity) {
                // A gift is a single piece, so that what it is no longer comes first.
                line = cart.regift(line, (None, quantity.take().flatten()), offers)?;
            }
            // Without a quantity the pieces stay as they are. First, since a line of the other plan may take them.
            match quantity {
                Some(None) => return cart.set(line, None),
                Some(some) => cart.set(line, some)?,
                None => cart.check_line(line)?,
            }
            let line = plan.map_or(Ok(line), |plan| cart.replan(line, plan, offers))?;
            match gift.clone().flatten() {
                Some(gift) => cart.regift(line, (Some(gift), None), offers).map(drop),
                None => Ok(()),
            }
        };
        Ok(self.change(&call, &request.cart, Added::Nothing, Deed::Edit(&set)).await?)
    }

    async fn remove_line(&self, request: Request<pb::RemoveLineRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let line = LineName::parse(&request.line)?;
        let remove = |cart: &mut Cart, _: &Offers| cart.set(line, None);
        Ok(self.change(&call, &request.cart, Added::Nothing, Deed::Edit(&remove)).await?)
    }

    async fn empty_cart(&self, request: Request<pb::EmptyCartRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let empty = |cart: &mut Cart, _: &Offers| {
            cart.empty();
            Ok(())
        };
        Ok(self.change(&call, &request.into_inner().cart, Added::Nothing, Deed::Edit(&empty)).await?)
    }

    async fn add_code(&self, request: Request<pb::AddCodeRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let request = request.into_inner();
        let code: Code = request.code.parse().map_err(|_| Error::CodeUnknown)?;
        let now = self.clock.now();
        let enter = |cart: &mut Cart, offers: &Offers| {
            offers.check_code(cart, &code, now)?;
            cart.enter(&code)
        };
        Ok(self.change(&call, &request.cart, Added::Code(&code), Deed::Edit(&enter)).await?)
    }

    async fn remove_code(&self, request: Request<pb::RemoveCodeRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let pb::RemoveCodeRequest { cart, code } = request.into_inner();
        let code = (!code.is_empty()).then(|| code.parse::<Code>().map_err(|_| Error::CodeUnknown)).transpose()?;
        let withdraw = |cart: &mut Cart, _: &Offers| cart.withdraw(code.as_ref());
        Ok(self.change(&call, &cart, Added::Nothing, Deed::Edit(&withdraw)).await?)
    }

    async fn delete_cart(&self, request: Request<pb::DeleteCartRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        Ok(self.change(&call, &request.into_inner().cart, Added::Nothing, Deed::Delete).await?)
    }

    async fn set_contact(&self, request: Request<pb::SetContactRequest>) -> Result<Response<pb::Cart>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        access::check_write(actor)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let request = request.into_inner();
        let cart = self.find(actor, &Name::parse(&request.cart)?).await?.ok_or(Error::CartNotFound)?;
        let country = self.country(actor, &cart).await?;
        let contact = Contact::parse(request.contact.unwrap_or_default(), country.as_deref());
        let contact = contact.map_err(kit::Error::Invalid)?;
        Change { call: &call, now: self.clock.now() }.check(&cart)?;
        access::check_owner(actor, &cart)?;
        let owner = self.owner(&call, &cart, &contact).await?;
        let belong = |cart: &mut Cart, _: &Offers| {
            access::check_owner(actor, cart)?; // it may have become somebody's meanwhile
            cart.belong(contact.clone(), owner);
            Ok(())
        };
        Ok(self.change(&call, &request.cart, Added::Nothing, Deed::Edit(&belong)).await?)
    }

    async fn list_cart_shipping_methods(
        &self,
        request: Request<pb::ListCartShippingMethodsRequest>,
    ) -> Result<Response<pb::ListCartShippingMethodsResponse>, Status> {
        Ok(Response::new(self.ways(&Call::of(&request)?, &request.into_inner().cart).await?))
    }

    async fn set_shipping_method(
        &self,
        request: Request<pb::SetShippingMethodRequest>,
    ) -> Result<Response<pb::Cart>, Status> {
        Ok(self.ship(&Call::of(&request)?, &request.into_inner()).await?)
    }

    async fn set_attribution(&self, request: Request<pb::SetAttributionRequest>) -> Result<Response<pb::Cart>, Status> {
        Ok(self.attribute(&Call::of(&request)?, request.into_inner()).await?)
    }

    async fn list_carts(
        &self,
        request: Request<pb::ListCartsRequest>,
    ) -> Result<Response<pb::ListCartsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let request = request.into_inner();
        let query = Query::parse(&request, actor, self.clock.now())?;
        let context = query.context();
        let page = self.pager.read(request.page.as_ref(), &context).map_err(Error::from)?;
        let rows = list::page(self.db.pool(), &query, &page).await?;
        let (rows, mut place) = self.pager.finish(&page, rows, &context, |cart| query.key(cart));
        if page.total {
            place.total = page::total(list::count(self.db.pool(), &query).await?);
        }
        let offers = self.catalog.offers(&call, &rows.iter().collect::<Vec<_>>(), Added::Nothing).await?;
        let show = |cart: &Cart| Ok(show(cart, Priced::of(cart, &offers, query.now)?, actor, query.now));
        self.reads.note(&call, rows.iter().filter_map(|cart| cart.customer));
        let carts = rows.iter().map(show).collect::<Result<_, Error>>()?;
        Ok(Response::new(pb::ListCartsResponse { carts, page: Some(place) }))
    }
}
