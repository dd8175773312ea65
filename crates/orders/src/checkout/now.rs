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
        (gateway, method): (Gateway, String),
    ) -> Result<Response<pb::CheckoutOutcome>, Error> {
        let origin = self.origin(&found).await?;
        let call = call.in_name_of(found.customer);
        // Of whoever it is for; another person's data is not theirs.
        let contact = Some(Contact::from(found.cart.contact.clone().unwrap_or_default()));
        let contact = contact.filter(|contact| contact.is_same_person(&found.person.clone().into()));
        let begin = Begin::of(found.cart.id.clone(), contact.unwrap_or_default(), gateway);
        let mut checkout = self.checkouts.prepare(&call, begin).await?.checkout;
        checkout.now = Some(Now { agent, origin });
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
}

#[tonic::async_trait]
impl CheckoutNowService for CheckoutsNow {
    async fn open_checkout_now(
        &self,
        request: Request<pb::OpenCheckoutNowRequest>,
    ) -> Result<Response<pb::CheckoutNow>, Status> {
        let (call, now) = (Call::of(&request)?, self.checkouts.clock.now());
        authorise(call.actor()?)?;
        let found = self.find(&call, &request.get_ref().cart).await?;
        let url = format!("{}/console/carts/{}/checkout-now", self.public, found.cart.id);
        let purchase = Purchase::read(found.cart, now)?;
        let mut tx = self.checkouts.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        audit::record(
            &mut tx,
            &call,
            Entry::new("checkout_now.opened", ("cart", purchase.cart), now).about(found.customer),
        )?;
        Ok(tx.answer(pb::CheckoutNow { url }).await?)
    }

    async fn check_out_now(
        &self,
        request: Request<pb::CheckOutNowRequest>,
    ) -> Result<Response<pb::CheckoutOutcome>, Status> {
        let call = Call::of(&request)?;
        let agent = authorise(call.actor()?)?;
        let pb::CheckOutNowRequest { cart, gateway, payment_method: method } = request.into_inner();
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
        let (customer, at) = (found.customer, self.checkouts.clock.now());
        let cart = found.cart.id.clone();
        let outcome = Box::pin(self.check_out(&call, (agent, found), (gateway, method))).await?;
        // Who did it from where, beside what the customer seems to have done.
        let mut tx = self.checkouts.db.begin_own().await?;
        let after = json!({ "gateway": gateway.slug(), "status": outcome.get_ref().status });
        audit::record(
            &mut tx,
            &call,
            Entry::new("checkout_now.paid", ("cart", cart), at).about(customer).created(after),
        )?;
        tx.commit().await?;
        Ok(outcome)
    }
}
