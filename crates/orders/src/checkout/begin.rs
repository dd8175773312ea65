//! Begins a checkout: fixes the price that is shown and who buys.
use kit::{
    Call, Error as Kit, Tx,
    actor::{Actor, Kind},
    denied::Denied,
    failure::Violation,
    ids::{CartId, CustomerId},
    secret,
};
use proto::{carts::v1::GetCartRequest, customers::v1::GetCustomerRequest, orders::v1 as pb};
use tonic::Code;

use super::{Checkout, Purchase, Token, grpc::Checkouts, store};
use crate::{
    error::Error,
    gateway_setting::change::require_open,
    order::{self, Contact, Order},
    payment::Gateway,
    voucher::check::{Use, check},
};

/// Longest key of a client's own for its cart.
const LONGEST_KEY: usize = 100;

/// What to check out, as far as it can be told from the request alone.
#[derive(Clone, Debug)]
pub struct Begin {
    cart: String,
    contact: Contact,
    gateway: Gateway,
}

/// A checkout and the token that only its caller ever sees.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The checkout.
    pub checkout: Checkout,
    /// Its token.
    pub token: String,
    /// What Stripe.js is begun with; may be empty.
    pub publishable_key: String,
}

impl Begin {
    /// Reads a request by `actor`, naming every fault.
    pub fn parse(request: pb::BeginCheckoutRequest, actor: &Actor) -> Result<Self, Error> {
        if !matches!(actor.kind, Kind::Anonymous | Kind::Customer) {
            return Err(Denied::WrongCaller.into());
        }
        let mut faults = Vec::new();
        if request.cart.is_empty() || request.cart.chars().count() > LONGEST_KEY {
            faults.push(Violation::new("/cart", "required", "name the cart"));
        }
        let gateway = Gateway::parse(&request.gateway);
        if gateway.is_none() {
            faults.push(Violation::new("/gateway", "unknown", "the gateways are test, manual and stripe"));
        }
        let customer = request.customer.parse::<CustomerId>();
        if !request.customer.is_empty() && customer.is_err() {
            faults.push(Violation::new("/customer", "malformed", "a customer's id begins with cus_"));
        }
        let contact = Contact::parse(request.contact.unwrap_or_default(), &mut faults);
        let (true, Some(gateway)) = (faults.is_empty(), gateway) else { return Err(Kit::Invalid(faults).into()) };
        if customer.is_ok_and(|customer| actor.customer() != Some(customer)) {
            return Err(Error::CustomerNotFound);
        }
        Ok(Self { cart: request.cart, contact, gateway })
    }
}

impl Begin {
    /// What staff check out for `contact`.
    pub(super) fn of(cart: String, contact: Contact, gateway: Gateway) -> Self {
        Self { cart, contact, gateway }
    }
}

impl Checkouts {
    /// Asks carts and customers for what the checkout is made of.
    pub(super) async fn prepare(&self, call: &Call, begin: Begin) -> Result<Begun, Error> {
        let actor = call.actor()?;
        let by_id = begin.cart.parse::<CartId>().is_ok();
        let purchase = self.cart(call, actor, begin.cart).await?;
        let publishable_key = require_open(self.db.pool(), purchase.store, begin.gateway).await?;
        // The cart itself hears of its order a moment later.
        let order = order::store::of_cart(self.db.pool(), purchase.realm, purchase.cart).await?;
        if order.as_ref().is_some_and(Order::is_placed) {
            return Err(Error::CartClosed);
        }
        let own = self.own_contact(call, actor).await?;
        let trust = self.trust(call, actor, &purchase, by_id).await?;
        let Buyer { contact, reveals } = who_buys(begin.contact, own.as_ref(), &purchase.contact, trust);
        if contact.email.is_empty() {
            return Err(Error::ContactMissing);
        }
        self.blocks.refuse(call, &contact.email).await?;
        let purchase = self.going_to(call, purchase, &contact).await?;
        purchase.check_delivery()?;
        let (realm, store) = (purchase.realm, purchase.store);
        let place = Use { realm, store, customer: actor.customer(), draft: order.map(|order| order.id) };
        check(self.db.pool(), place, &purchase.vouchers).await?;
        let token = secret::token("checkout");
        let checkout = Checkout {
            realm: purchase.realm,
            token: Token::of(&token),
            store: purchase.store,
            cart: purchase.cart,
            gateway: begin.gateway,
            shown: purchase.totals.due(),
            customer: actor.customer(),
            own_contact: own.as_ref().is_some_and(|own| own.is_same_person(&contact)),
            contact,
            reveals,
            created_at: self.clock.now(),
            now: None,
        };
        Ok(Begun { checkout, token, publishable_key })
    }

    /// The cart, of the caller's own store or network. A client's own key means something to its caller only; from
    /// then on the cart is read as the house sees it, closed or not, with its contact.
    async fn cart(&self, call: &Call, actor: &Actor, cart: String) -> Result<Purchase, Error> {
        let id = if cart.parse::<CartId>().is_ok() {
            cart
        } else {
            self.carts.clone().get_cart(call.forward(named(cart))).await?.into_inner().id
        };
        let cart = self.carts.clone().get_cart(call.trace(named(id))).await?.into_inner();
        let realm = actor.realm()?;
        let is_here = cart.realm == String::from(realm)
            && actor.store.is_none_or(|store| cart.store.is_empty() || cart.store == String::from(store));
        if !is_here {
            return Err(Error::CartNotFound);
        }
        Purchase::read(cart, self.clock.now())
    }

    /// The same at what it costs where `contact` is, if the cart itself says something else: whoever buys may give an
    /// address that the cart does not know.
    async fn going_to(&self, call: &Call, purchase: Purchase, contact: &Contact) -> Result<Purchase, Error> {
        let destinations = contact.destinations();
        if destinations == purchase.contact.destinations() {
            return Ok(purchase);
        }
        let request = GetCartRequest { id: purchase.cart.into(), destinations: Some(destinations) };
        let cart = self.carts.clone().get_cart(call.trace(request)).await?.into_inner();
        Purchase::read(cart, self.clock.now())
    }

    /// How far the contact that the cart holds is the caller's business. An id that nobody could guess is known to
    /// whoever opened the cart; a cart with a client's own key gives its id to anybody who guesses that key.
    async fn trust(&self, call: &Call, actor: &Actor, purchase: &Purchase, by_id: bool) -> Result<Trust, Error> {
        let guest = if by_id && !purchase.has_key { Trust::Knows } else { Trust::Uses };
        if purchase.customer.is_empty() {
            return Ok(guest);
        }
        if actor.customer().is_some_and(|customer| purchase.customer == String::from(customer)) {
            return Ok(Trust::Knows);
        }
        let request = call.trace(GetCustomerRequest { id: purchase.customer.clone() });
        match self.customers.clone().get_customer(request).await {
            Ok(owner) if owner.get_ref().registration == "guest" => Ok(guest),
            Ok(_) => Ok(Trust::Nothing),
            Err(gone) if gone.code() == Code::NotFound => Ok(Trust::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// What is known of the signed-in customer.
    async fn own_contact(&self, call: &Call, actor: &Actor) -> Result<Option<Contact>, Error> {
        let Some(customer) = actor.customer() else { return Ok(None) };
        let request = call.forward(GetCustomerRequest { id: customer.into() });
        Ok(Some(self.customers.clone().get_customer(request).await?.into_inner().into()))
    }
}

fn named(id: String) -> GetCartRequest {
    GetCartRequest { id, destinations: None }
}

/// What a caller gets of the contact that a cart holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// They know it.
    Knows,
    /// They buy with it, but do not get to see it.
    Uses,
    /// It is somebody's with an account, and nobody else buys in their name.
    Nothing,
}

/// Who buys, and whether the token's holder may know it.
#[derive(Debug, PartialEq, Eq)]
struct Buyer {
    contact: Contact,
    reveals: bool,
}

/// The contact that was given, else the signed-in customer's own, else the cart's as far as the caller may use it; gaps
/// are filled from what else they know of the same person.
fn who_buys(given: Contact, own: Option<&Contact>, cart: &Contact, trust: Trust) -> Buyer {
    let gave = !given.email.is_empty();
    let mut contact = match own {
        _ if gave => given,
        Some(own) => given.or(own.clone()),
        None if trust == Trust::Nothing => given,
        None => given.or(cart.clone()),
    };
    for known in own.into_iter().chain((trust == Trust::Knows).then_some(cart)) {
        if contact.is_same_person(known) {
            contact = contact.or(known.clone());
        }
    }
    Buyer { contact, reveals: gave || own.is_some() || trust == Trust::Knows }
}

/// Keeps a checkout.
pub async fn begin(tx: &mut Tx, begun: Begun) -> Result<pb::Checkout, Error> {
    store::insert(tx, &begun.checkout).await?;
    Ok(pb::Checkout { publishable_key: begun.publishable_key, ..begun.checkout.encode(begun.token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(email: &str, name: &str, phone: &str) -> Contact {
        Contact { email: email.into(), name: name.into(), phone: phone.into(), ..Contact::default() }
    }

    /// OR-1: what is given wins over the account, the account over the cart.
    #[test]
    fn the_nearest_source_says_who_buys() {
        let (given, own, cart) = (person("g@x.de", "", ""), person("o@x.de", "Own", ""), person("c@x.de", "Cart", ""));
        let buys = |given: &Contact, own| who_buys(given.clone(), own, &cart, Trust::Knows).contact.email;
        assert_eq!(buys(&given, Some(&own)), "g@x.de");
        assert_eq!(buys(&Contact::default(), Some(&own)), "o@x.de");
        assert_eq!(buys(&Contact::default(), None), "c@x.de");
    }

    #[test]
    fn gaps_are_filled_from_the_same_person_only() {
        let cart = person("ANN@x.de", "Ann", "1");
        let same = who_buys(person("ann@x.de", "Anna", ""), None, &cart, Trust::Knows);
        assert_eq!(same.contact, person("ann@x.de", "Anna", "1"));
        let other = who_buys(person("bob@x.de", "", ""), None, &cart, Trust::Knows);
        assert_eq!(other.contact, person("bob@x.de", "", ""));
    }

    /// ID-23: who guesses a cart's key learns nothing of its owner, not even by knowing the e-mail, and buys in the
    /// name of nobody who has an account.
    #[test]
    fn a_guessed_cart_reveals_nobody() {
        let cart = person("ann@x.de", "Ann", "1");
        let nobody = Contact::default();
        let buyer = |given: &Contact, trust| who_buys(given.clone(), None, &cart, trust);
        assert_eq!(buyer(&nobody, Trust::Uses), Buyer { contact: cart.clone(), reveals: false });
        assert_eq!(buyer(&nobody, Trust::Nothing), Buyer { contact: nobody.clone(), reveals: false });
        for trust in [Trust::Uses, Trust::Nothing] {
            let given = person("ann@x.de", "", "");
            assert_eq!(buyer(&given, trust), Buyer { contact: given, reveals: true });
        }
    }
}
