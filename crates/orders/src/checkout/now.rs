//! Check-out by staff in the name of a customer (CA-7).
use kit::{
    Call, Error as Kit,
    actor::Actor,
    audit::{self, Entry, json},
    denied::Denied,
    failure::Violation,
    ids::{CustomerId, StaffId},
    permission::Permission,
};
use proto::{
    carts::v1::{Cart, GetCartRequest},
    customers::v1::{Customer, GetCustomerRequest},
    orders::v1::{self as pb, checkout_now_service_server::CheckoutNowService},
};
use tonic::{Request, Response, Status};

use super::{Purchase, begin::Begin, grpc::Checkouts, outcome::Stand, store};
use crate::{
    error::Error,
    order::{Client, Contact},
    payment::Gateway,
};

/// Who really checks out, and where the order is to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Who of the staff.
    pub agent: StaffId,
    /// The customer's own network address, as far as it is known; never the agent's.
    pub origin: Client,
}

/// Answers [`CheckoutNowService`].
#[derive(Clone)]
pub struct CheckoutsNow {
    /// How anybody checks out.
    pub checkouts: Checkouts,
    /// The address that the console is at.
    pub public: String,
}

/// What an agent wants to buy it with, and for how much.
struct Wanted {
    gateway: Gateway,
    method: String,
    /// In minor units; none for whatever it costs.
    total: Option<i64>,
}

/// A cart that can be checked out, and who it is for.
struct Found {
    cart: Cart,
    customer: CustomerId,
    person: Customer,
}

/// Staff in person who may change carts: a key is nobody, and nobody does it in somebody else's name. They see whom it is
/// for, which those may not who see nobody (ID-23).
fn authorise(actor: &Actor) -> Result<StaffId, Denied> {
    actor.require_self()?;
    let agent = actor.staff().ok_or(Denied::WrongCaller)?;
    actor.require(Permission::CartsWrite)?;
    actor.require(Permission::CustomersRead)?;
    actor.require(Permission::CustomersPii)?;
    Ok(agent)
}

impl Gateway {
    /// Whether `method` sends whoever pays to a page of their own, as far as that is known before.
    #[must_use]
    pub fn redirects(self, method: &str) -> bool {
        match self {
            Self::Test => method == "pm_test_redirect",
            Self::Manual => false,
            Self::Stripe => method == "hosted",
        }
    }
}

impl CheckoutsNow {
    /// The cart, of the caller's own store or network, with its customer, whom they may see.
    async fn find(&self, call: &Call, id: &str) -> Result<Found, Error> {
        let actor = call.actor()?;
        let id = id.parse::<kit::ids::CartId>().map_err(|_| Error::CartNotFound)?;
        let named = GetCartRequest { id: id.into(), destinations: None };
        let cart = self.checkouts.carts.clone().get_cart(call.trace(named)).await?.into_inner();
        let is_here = cart.realm == String::from(actor.realm()?)
            && actor.store.is_none_or(|store| cart.store == String::from(store));
        if !is_here {
            return Err(Error::CartNotFound);
        }
        let customer = cart.customer.parse().map_err(|_| Error::CustomerNeeded)?;
        let wanted = call.forward(GetCustomerRequest { id: cart.customer.clone() });
        let person = self.checkouts.customers.clone().get_customer(wanted).await?.into_inner();
        call.check_version(cart.version)?;
        if person.status == "inactive" {
            return Err(Error::CustomerInactive); // every door is closed (ID-9), this one, too
        }
        Ok(Found { cart, customer, person })
    }

    /// Where the customer was last known to be: at their newest order, else when their record was made (ID-28).
    async fn origin(&self, found: &Found) -> Result<Client, Error> {
        let realm = found.cart.realm.parse().map_err(|_| Error::CartNotFound)?;
        let known = store::last_client(self.checkouts.db.pool(), realm, found.customer).await?;
        Ok(known.unwrap_or_else(|| Client { ip: found.person.ip.clone(), agent: String::new() }))
    }

    /// Takes the payment as the customer would, and says how it went. What turns out to need the customer is called off.
    async fn check_out(
        &self,
        call: &Call,
        (agent, found): (StaffId, Found),
        Wanted { gateway, method, total }: Wanted,
    ) -> Result<Response<pb::CheckoutOutcome>, Error> {
        let (origin, own) = (self.origin(&found).await?, call);
        let call = call.in_name_of(found.customer);
        // Of whoever it is for; another person's data is not theirs.
        let contact = Some(Contact::from(found.cart.contact.clone().unwrap_or_default()));
        let contact = contact.filter(|contact| contact.is_same_person(&found.person.clone().into()));
        let begin = Begin::of(found.cart.id.clone(), contact.unwrap_or_default(), gateway);
        let mut checkout = self.checkouts.prepare(&call, begin).await?.checkout;
        if total.is_some_and(|total| total != checkout.shown.amount) {
            return Err(Error::PriceChanged(checkout.shown));
        }
        checkout.now = Some(Now { agent, origin });
        self.note(own, (&found, gateway)).await?;
        let request =
            pb::CaptureCheckoutRequest { token: String::new(), payment_method: method, return_url: String::new() };
        let outcome = self.checkouts.capture(&call, checkout.clone(), request).await?;
        if outcome.get_ref().status != Stand::Redirect.slug() {
            return Ok(outcome);
        }
        let progress = self.checkouts.progress(&checkout).await?;
        if let (Stand::Redirect, Some(payment)) = (progress.stand(), &progress.payment) {
            self.checkouts.abandon(&call, payment).await?;
        }
        Err(Error::RedirectForAgents)
    }

    /// Says who does it from where, beside what the customer seems to do: before any money moves, so that whatever becomes of
    /// this process nobody buys unnamed.
    async fn note(&self, call: &Call, (found, gateway): (&Found, Gateway)) -> Result<(), Error> {
        let mut tx = self.checkouts.db.begin_own().await?;
        let entry = Entry::new("checkout_now.begun", ("cart", &found.cart.id), self.checkouts.clock.now());
        let after = json!({ "gateway": gateway.slug() });
        audit::record(&mut tx, call, entry.about(found.customer).created(after))?;
        Ok(tx.commit().await?)
    }

    /// The cart with this id that can be checked out, its customer, and where that is done.
    async fn place(&self, call: &Call, cart: &str) -> Result<(Purchase, CustomerId, pb::CheckoutNow), Error> {
        authorise(call.actor()?)?;
        let found = self.find(call, cart).await?;
        let url = format!("{}/console/carts/{}/checkout-now", self.public, found.cart.id);
        let purchase = Purchase::read(found.cart, self.checkouts.clock.now())?;
        Ok((purchase, found.customer, pb::CheckoutNow { url }))
    }
}

#[tonic::async_trait]
impl CheckoutNowService for CheckoutsNow {
    async fn open_checkout_now(
        &self,
        request: Request<pb::OpenCheckoutNowRequest>,
    ) -> Result<Response<pb::CheckoutNow>, Status> {
        let (call, now) = (Call::of(&request)?, self.checkouts.clock.now());
        let (purchase, customer, place) = self.place(&call, &request.get_ref().cart).await?;
        let mut tx = self.checkouts.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        audit::record(&mut tx, &call, Entry::new("checkout_now.opened", ("cart", purchase.cart), now).about(customer))?;
        Ok(tx.answer(place).await?)
    }

    async fn view_checkout_now(
        &self,
        request: Request<pb::ViewCheckoutNowRequest>,
    ) -> Result<Response<pb::CheckoutNow>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.place(&call, &request.get_ref().cart).await?.2))
    }

    async fn check_out_now(
        &self,
        request: Request<pb::CheckOutNowRequest>,
    ) -> Result<Response<pb::CheckoutOutcome>, Status> {
        let call = Call::of(&request)?;
        let agent = authorise(call.actor()?)?;
        let pb::CheckOutNowRequest { cart, gateway, payment_method: method, expected_total: total } =
            request.into_inner();
        let unknown = || Violation::new("/gateway", "unknown", "the gateways are test, manual and stripe");
        let gateway = Gateway::parse(&gateway).ok_or_else(unknown).map_err(Kit::from)?;
        if !gateway.takes(&method) {
            return Err(Error::PaymentMethodUnknown(gateway.slug()).into());
        }
        if gateway.redirects(&method) {
            return Err(Error::RedirectForAgents.into());
        }
        if let Some(answer) = self.checkouts.db.replayed::<pb::CheckoutOutcome>(&call).await? {
            if answer.get_ref().status == Stand::Redirect.slug() {
                return Err(Error::RedirectForAgents.into());
            }
            return Ok(answer);
        }
        let found = self.find(&call, &cart).await?;
        Ok(Box::pin(self.check_out(&call, (agent, found), Wanted { gateway, method, total })).await?)
    }
}
