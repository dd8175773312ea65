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

use super::{Checkout, Purchase, Token, grpc::Checkouts, store};
use crate::{
    error::Error,
    order::{self, Contact},
    payment::Gateway,
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
            faults.push(Violation::new("/gateway", "unknown", "the gateways are test and manual"));
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

impl Checkouts {
    /// Asks carts and customers for what the checkout is made of.
    pub(super) async fn prepare(&self, call: &Call, begin: Begin) -> Result<Begun, Error> {
        let actor = call.actor()?;
        let by_id = begin.cart.parse::<CartId>().is_ok();
        let purchase = self.cart(call, actor, begin.cart).await?;
        // The cart itself hears of its order a moment later.
        let order = order::store::of_cart(self.db.pool(), purchase.realm, purchase.cart).await?;
        if order.is_some_and(|order| order.is_placed()) {
            return Err(Error::CartClosed);
        }
        let own = self.own_contact(call, actor).await?;
        let is_theirs = actor.customer().is_some_and(|customer| purchase.customer == String::from(customer));
        // A key of a client's own can be guessed: what the cart knows then stays hidden from who holds the token.
        let Buyer { contact, reveals } = who_buys(begin.contact, own.as_ref(), &purchase.contact, by_id || is_theirs);
        if contact.email.is_empty() {
            return Err(Kit::invalid("/contact/email", "required", "an e-mail address is needed").into());
        }
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
        };
        Ok(Begun { checkout, token })
    }

    /// The cart, of the caller's own store or network. A client's own key means something to its caller only; from
    /// then on the cart is read as the house sees it, closed or not, with its contact.
    async fn cart(&self, call: &Call, actor: &Actor, cart: String) -> Result<Purchase, Error> {
        let id = if cart.parse::<CartId>().is_ok() {
            cart
        } else {
            self.carts.clone().get_cart(call.forward(GetCartRequest { id: cart })).await?.into_inner().id
        };
        let cart = self.carts.clone().get_cart(call.trace(GetCartRequest { id })).await?.into_inner();
        let realm = actor.realm()?;
        let is_here = cart.realm == String::from(realm)
            && actor.store.is_none_or(|store| cart.store.is_empty() || cart.store == String::from(store));
        if !is_here {
            return Err(Error::CartNotFound);
        }
        Purchase::read(cart, self.clock.now())
    }

    /// What is known of the signed-in customer.
    async fn own_contact(&self, call: &Call, actor: &Actor) -> Result<Option<Contact>, Error> {
        let Some(customer) = actor.customer() else { return Ok(None) };
        let request = call.forward(GetCustomerRequest { id: customer.into() });
        Ok(Some(self.customers.clone().get_customer(request).await?.into_inner().into()))
    }
}

/// Who buys, and whether the token's holder may know it.
#[derive(Debug, PartialEq, Eq)]
struct Buyer {
    contact: Contact,
    reveals: bool,
}

/// The contact that was given, else the signed-in customer's own, else the cart's; gaps are filled from what else is
/// known of the same person. The caller learns what the cart knows only when `knows_cart`.
fn who_buys(given: Contact, own: Option<&Contact>, cart: &Contact, knows_cart: bool) -> Buyer {
    let gave = !given.email.is_empty();
    let mut contact = match own {
        _ if gave => given,
        Some(own) => given.or(own.clone()),
        None => given.or(cart.clone()),
    };
    for known in own.into_iter().chain(knows_cart.then_some(cart)) {
        if contact.is_same_person(known) {
            contact = contact.or(known.clone());
        }
    }
    Buyer { contact, reveals: gave || own.is_some() || knows_cart }
}

/// Keeps a checkout.
pub async fn begin(tx: &mut Tx, begun: Begun) -> Result<pb::Checkout, Error> {
    store::insert(tx, &begun.checkout).await?;
    Ok(begun.checkout.encode(begun.token))
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
        let buys = |given: &Contact, own| who_buys(given.clone(), own, &cart, true).contact.email;
        assert_eq!(buys(&given, Some(&own)), "g@x.de");
        assert_eq!(buys(&Contact::default(), Some(&own)), "o@x.de");
        assert_eq!(buys(&Contact::default(), None), "c@x.de");
    }

    #[test]
    fn gaps_are_filled_from_the_same_person_only() {
        let cart = person("ANN@x.de", "Ann", "1");
        let same = who_buys(person("ann@x.de", "Anna", ""), None, &cart, true);
        assert_eq!(same.contact, person("ann@x.de", "Anna", "1"));
        let other = who_buys(person("bob@x.de", "", ""), None, &cart, true);
        assert_eq!(other.contact, person("bob@x.de", "", ""));
    }

    /// ID-23: who guesses a cart's key learns nothing of its owner, not even by knowing the e-mail.
    #[test]
    fn a_guessed_cart_reveals_nobody() {
        let cart = person("ann@x.de", "Ann", "1");
        assert!(!who_buys(Contact::default(), None, &cart, false).reveals);
        assert_eq!(who_buys(person("ann@x.de", "", ""), None, &cart, false).contact, person("ann@x.de", "", ""));
    }
}
