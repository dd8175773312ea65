//! Paying for what the page shows.
use axum::{
    extract::{Form, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use kit::failure::{Code, Told};
use proto::{
    base::v1::Address,
    carts::v1::{Contact, SetContactRequest, SetShippingMethodRequest},
    orders::v1::{BeginCheckoutRequest, CaptureCheckoutRequest, CheckoutOutcome},
};
use serde::Deserialize;
use tonic::Status;

use super::{link::Dead, page::Purchase, shopper::Shopper};
use crate::{console::Console, hosted::leave, problem::Problem, visit::Visit};

/// The price shown is the price charged (OR-1).
pub(super) const CHANGED: &str = "The cart has changed: please look at what it costs now.";

/// What the form says.
#[derive(Clone, Default, Deserialize)]
pub struct Details {
    /// Full name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Street and number.
    pub line1: String,
    /// Second line.
    pub line2: String,
    /// Town.
    pub city: String,
    /// State or province.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// What the page said that it costs, in minor units.
    #[serde(default)]
    pub total: i64,
    /// How it is to be shipped, `shpm_…`; empty where nothing was chosen.
    #[serde(default)]
    pub method: String,
    /// How it is paid.
    #[serde(default)]
    pub payment: Payment,
    /// Under which staff pay it once; empty of shoppers, whose cart sees to that.
    #[serde(default)]
    pub key: String,
}

/// How it is paid.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// At once, by the `test` gateway.
    #[default]
    Card,
    /// On a page of the `test` gateway.
    Redirect,
    /// On a page of Stripe's.
    Stripe,
    /// Later.
    Invoice,
}

impl Payment {
    /// The gateway and its payment method.
    pub(super) const fn gateway(self) -> (&'static str, &'static str) {
        match self {
            Self::Card => ("test", "pm_test_ok"),
            Self::Redirect => ("test", "pm_test_redirect"),
            Self::Stripe => ("stripe", "hosted"),
            Self::Invoice => ("manual", ""),
        }
    }
}

impl Details {
    /// What is known of whoever buys: the contact of the cart, else their record.
    pub fn of(Purchase { cart, customer, .. }: &Purchase) -> Self {
        let contact = cart.contact.clone().unwrap_or_default();
        let address = contact.shipping.or(contact.billing).or_else(|| customer.address.clone()).unwrap_or_default();
        let known = |one: String, other: &String| if one.is_empty() { other.clone() } else { one };
        Self {
            name: known(contact.name, &customer.name),
            phone: known(contact.phone, &customer.phone),
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: address.country,
            total: cart.total,
            method: cart.shipping_method.as_ref().map(|shipping| shipping.method.clone()).unwrap_or_default(),
            payment: Payment::default(),
            key: String::new(),
        }
    }

    fn address(&self) -> Option<Address> {
        (!self.line1.trim().is_empty()).then(|| Address {
            name: self.name.clone(),
            line1: self.line1.clone(),
            line2: self.line2.clone(),
            city: self.city.clone(),
            region: self.region.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
            ..Address::default()
        })
    }

    /// Who buys. The e-mail address is that of the record: a link proves no other one.
    pub(super) fn contact(&self, email: &str) -> Contact {
        let (shipping, billing) = (self.address(), self.address());
        Contact { email: email.to_owned(), name: self.name.clone(), phone: self.phone.clone(), shipping, billing }
    }
}

/// `POST /checkout`.
pub async fn pay(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(details): Form<Details>,
) -> Result<Response, Problem> {
    let Some(shopper) = Shopper::find(&console, &visit, &headers).await? else { return Ok(Dead::page(&visit)) };
    let Some(purchase) = Purchase::find(&console, &visit, &shopper).await? else { return Ok(Dead::page(&visit)) };
    if purchase.cart.status != "open" {
        return Ok(Redirect::to("/checkout").into_response());
    }
    if purchase.cart.total != details.total {
        return Ok(purchase.page((&console, &visit), details, CHANGED.to_owned()).await);
    }
    let failure = match order(&console, &visit, &shopper, (&purchase, &details)).await {
        Ok(None) => CHANGED.to_owned(),
        Ok(Some(outcome)) => match &*outcome.status {
            "redirect" if details.payment == Payment::Stripe => return Ok(leave(&visit, &outcome.redirect_url)),
            "redirect" => return Ok(Redirect::to(&outcome.redirect_url).into_response()),
            "declined" => outcome.message,
            "pending" => "The payment is still being taken. Look here again in a minute.".to_owned(),
            // The cart may still be open for a moment, and would be offered once more.
            _ => return Ok(purchase.done((&console, &visit), outcome.order.unwrap_or_default().number).await),
        },
        Err(status) => refusal(status)?,
    };
    // As it is now: somebody may have changed it meanwhile.
    let Some(purchase) = Purchase::find(&console, &visit, &shopper).await? else { return Ok(Dead::page(&visit)) };
    Ok(purchase.page((&console, &visit), details, failure).await)
}

/// Takes the payment; repeated, it finds the same order (OR-1). Nothing is taken when it comes to another price than was
/// shown.
async fn order(
    console: &Console,
    visit: &Visit,
    shopper: &Shopper,
    (purchase, details): (&Purchase, &Details),
) -> Result<Option<CheckoutOutcome>, Status> {
    let (gateway, method) = details.payment.gateway();
    let contact = details.contact(&purchase.customer.email);
    // The cart takes whole addresses only, and tells all that is missing.
    let whose = SetContactRequest { cart: purchase.cart.id.clone(), contact: Some(contact.clone()) };
    let cart = console.carts.clone().set_contact(shopper.sign(visit.call(whose))).await?.into_inner();
    let chosen = cart.shipping_method.as_ref().is_some_and(|shipping| shipping.method == details.method);
    if !chosen && !details.method.is_empty() {
        let how = SetShippingMethodRequest { cart: cart.id, method: details.method.clone() };
        console.carts.clone().set_shipping_method(shopper.sign(visit.call(how))).await?;
    }
    let begin = BeginCheckoutRequest {
        cart: purchase.cart.id.clone(),
        contact: Some(contact),
        gateway: gateway.to_owned(),
        customer: purchase.customer.id.clone(),
    };
    let mut checkouts = console.checkouts.clone();
    let begun = checkouts.begin_checkout(shopper.sign(visit.call(begin))).await?.into_inner();
    // Fixed from here on: what changes now is refused by the capture.
    if begun.amount.as_ref().map(|amount| amount.amount) != Some(details.total) {
        return Ok(None);
    }
    let return_url = format!("{}/checkout?back=yes", console.public);
    let capture = CaptureCheckoutRequest { token: begun.token, payment_method: method.to_owned(), return_url };
    let mut capture = shopper.sign(visit.call(capture));
    capture.set_timeout(std::time::Duration::from_secs(9));
    Ok(Some(checkouts.capture_checkout(capture).await?.into_inner()))
}

/// What a shopper is told who can do something about it.
pub(super) fn refusal(status: Status) -> Result<String, Problem> {
    let told = Told::read(&status);
    match told.code {
        Code::Invalid if !told.violations.is_empty() => {
            let faults: Vec<_> = told.violations.into_iter().map(|fault| fault.detail.into_owned()).collect();
            Ok(faults.join("; "))
        }
        Code::Invalid | Code::Refused | Code::Conflict => Ok(status.message().to_owned()),
        _ => Err(status.into()),
    }
}
