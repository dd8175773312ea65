//! Captures a checkout: draft and payment first, the gateway outside of any transaction, then one transaction to
//! finish. Whatever is repeated, retried or raced gives the same order (OR-1).
use std::time::Duration;

use kit::{
    Call, Error as Kit, Tx,
    audit::{self, Entry, json},
    ids::CustomerId,
    telemetry,
};
use proto::{
    carts::v1::GetCartRequest,
    customers::v1::EnsureCustomerRequest,
    orders::v1::{CaptureCheckoutRequest, CheckoutOutcome},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tonic::Response;
use tracing::Instrument;

use super::{
    Checkout, Purchase,
    draft::{Attempt, Draft},
    grpc::Checkouts,
    outcome::{self, Progress, Stand},
    store,
};
use crate::{
    error::Error,
    order::{Client, Order, store::next_number},
    payment::{Payment, settle::settle},
    voucher::redeem::redeem,
};

/// How long a gateway may take, and how long a caller waits for the outcome.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often somebody else's payment is looked at while waiting for it.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a gateway may take to say how a payment stands.
const GLIMPSE: Duration = Duration::from_secs(4);

/// What to do next about a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Tell how it stands.
    Tell,
    /// Another request takes a payment: see what becomes of it.
    Wait,
    /// The shopper came back from the gateway's page to pay by other means.
    Abandon,
    /// Take a payment.
    Pay,
}

/// `waited` for another request's payment, which then counts as the answer to this one.
const fn step(stand: Stand, same_method: bool, waited: bool) -> Step {
    match stand {
        Stand::Completed => Step::Tell,
        Stand::Pending => Step::Wait,
        Stand::Redirect if same_method => Step::Tell,
        Stand::Redirect => Step::Abandon,
        Stand::Declined if waited => Step::Tell,
        Stand::Declined | Stand::Open => Step::Pay,
    }
}

impl Checkouts {
    /// Pays `checkout` by `method` and places its order, or says why not.
    pub(super) async fn capture(
        &self,
        call: &Call,
        checkout: Checkout,
        request: CaptureCheckoutRequest,
    ) -> Result<Response<CheckoutOutcome>, Error> {
        let (method, deadline) = (&*request.payment_method, Instant::now() + PATIENCE);
        let (mut waited, mut asked) = (false, false);
        loop {
            let progress = self.progress(&checkout).await?;
            if !asked && progress.stand() == Stand::Redirect && progress.is_by(&checkout, method) {
                asked = true;
                self.glance(&progress).await;
                continue;
            }
            match (step(progress.stand(), progress.is_by(&checkout, method), waited), &progress.payment) {
                (Step::Pay, _) => match self.start(call, &checkout, method, progress.order).await {
                    Ok(Some(payment)) => {
                        return self.take(call, checkout, (payment, request.return_url), deadline).await;
                    }
                    // Somebody was quicker. A cart closes when its order is placed.
                    Ok(None) => {}
                    Err(Error::CartClosed) if self.progress(&checkout).await?.is_placed() => {}
                    Err(error) => return Err(error),
                },
                (Step::Abandon, Some(payment)) => self.abandon(call, payment).await?,
                (Step::Wait, _) if Instant::now() < deadline => {
                    waited = true;
                    sleep(GLANCE).await;
                }
                _ => return self.tell(call, &checkout).await,
            }
        }
    }

    pub(super) async fn progress(&self, checkout: &Checkout) -> Result<Progress, Error> {
        let mut db = self.db.pool().acquire().await?;
        let progress = Progress::of(&mut db, checkout).await?;
        db.finish();
        Ok(progress)
    }

    /// The draft and the payment, written before any money moves. `None` when somebody else was quicker.
    async fn start(
        &self,
        call: &Call,
        checkout: &Checkout,
        method: &str,
        found: Option<Order>,
    ) -> Result<Option<Payment>, Error> {
        let destinations = Some(checkout.contact.destinations());
        let cart = call.trace(GetCartRequest { id: checkout.cart.into(), destinations });
        let cart = self.carts.clone().get_cart(cart).await?.into_inner();
        let mut purchase = Purchase::read(cart, self.clock.now())?;
        if purchase.renews() {
            purchase = purchase.counted_in(&self.stores.get(checkout.store).await?.timezone);
        }
        purchase.check_delivery()?;
        checkout.check_price(&purchase)?;
        self.goods.note_contents(call, purchase.store, &mut purchase.lines).await?;
        let customer = self.customer(call, checkout).await?;
        self.name_recipients(call, (checkout, customer), &mut purchase.lines).await?;
        let client = client(call, checkout);
        if let Some(now) = &checkout.now {
            purchase.attribution.worked_on_by(now.agent);
        }
        let (actor, now) = (call.actor()?.label(), self.clock.now());
        let attempt = Attempt { checkout, purchase, customer, method, client, actor, now };
        let draft = match found {
            Some(order) => attempt.renew(order)?,
            None => attempt.create(next_number(&self.db, checkout.store).await?),
        };
        let is_started = if draft.vouchers.is_empty() {
            store::start(self.db.pool(), &draft, &self.clock).await?
        } else {
            Box::pin(self.start_redeeming(&draft)).await?
        };
        Ok(is_started.then_some(draft.payment))
    }

    /// The same for a draft that uses vouchers: all of it, or nothing.
    async fn start_redeeming(&self, draft: &Draft) -> Result<bool, Error> {
        let mut tx = self.db.begin_own().await?;
        if !store::start(&mut *tx, draft, &self.clock).await? {
            return Ok(false);
        }
        redeem(&mut tx, &draft.order, &draft.vouchers).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Who buys: the signed-in customer, whose record fills up when it is for themselves, else whoever the e-mail belongs to
    /// (CU-1, CU-2).
    async fn customer(&self, call: &Call, checkout: &Checkout) -> Result<CustomerId, Error> {
        if let (Some(customer), false) = (checkout.customer, checkout.own_contact) {
            return Ok(customer);
        }
        let contact = checkout.contact.clone();
        let request = EnsureCustomerRequest {
            realm: checkout.realm.into(),
            store: checkout.store.into(),
            email: contact.email,
            name: contact.name,
            phone: contact.phone,
            ip: client(call, checkout).ip,
            address: contact.shipping.or(contact.billing).map(Into::into),
            customer: checkout.customer.map(String::from).unwrap_or_default(),
        };
        let known = self.customers.clone().ensure_customer(call.trace(request)).await?.into_inner().customer;
        let id = known.and_then(|customer| customer.id.parse().ok());
        id.ok_or_else(|| Kit::Internal("customers answered nobody".to_owned()).into())
    }

    /// Asks the gateway. It goes on when the caller hangs up; when it takes too long, the reaper finishes it.
    async fn take(
        &self,
        call: &Call,
        checkout: Checkout,
        (payment, back): (Payment, String),
        deadline: Instant,
    ) -> Result<Response<CheckoutOutcome>, Error> {
        let (shown, id) = (checkout.shown, payment.id);
        let (this, call) = (self.clone(), call.clone());
        let work = async move { this.charge(&call, &checkout, (&payment, &back)).await };
        let work = tokio::spawn(telemetry::beside(work).in_current_span());
        match timeout_at(deadline, work).await {
            Ok(Ok(Ok(outcome))) => return Ok(outcome),
            Ok(Ok(Err(error))) => tracing::warn!(error.detail = ?error, payment.id = %id, "a payment is left hanging"),
            Ok(Err(error)) => tracing::error!(error.detail = %error, payment.id = %id, "a payment was broken off"),
            Err(_) => {}
        }
        // Money may have moved: not an error, which would say that nothing happened.
        Ok(Response::new(outcome::bare(Stand::Pending, shown)))
    }

    async fn charge(
        &self,
        call: &Call,
        checkout: &Checkout,
        (payment, back): (&Payment, &str),
    ) -> Result<Response<CheckoutOutcome>, Error> {
        let verdict = timeout(PATIENCE, self.gateways.charge(payment, back)).await.map_err(|_| Kit::Busy)??;
        let mut tx = self.claim(call).await?;
        let (order, payment) = settle(&mut tx, payment, &verdict, (&payment.actor, &self.clock)).await?;
        if call.actor()?.is_administrative() {
            let after = json!({ "status": order.standing.status.slug(), "payment": payment.id.to_string() });
            let entry = Entry::new("order.paid", ("order", order.id), self.clock.now()).about(order.customer);
            audit::record(&mut tx, call, entry.created(after))?;
        }
        let left = payment.clone();
        let progress = Progress { order: Some(order), payment: Some(payment) };
        let stand = progress.stand();
        let outcome = progress.tell(&mut tx, checkout, call.actor()?.customer(), &self.gateways).await?;
        let answer = tx.answer(outcome).await?;
        if checkout.now.is_some() && stand == Stand::Redirect {
            // An agent goes to nobody's page: nothing of it is left, whether the caller still waits or not (CA-7).
            self.abandon(call, &left).await?;
        }
        Ok(answer)
    }

    /// Asks what became of a payment whose shopper came back from the gateway's page: its event may come later.
    pub(super) async fn glance(&self, progress: &Progress) {
        let Some(payment) = &progress.payment else { return };
        let glance = async {
            let verdict = timeout(GLIMPSE, self.gateways.glance(payment)).await.map_err(|_| Kit::Busy)??;
            let Some(verdict) = verdict else { return Ok(()) };
            let mut tx = self.db.begin_own().await?;
            settle(&mut tx, payment, &verdict, (&payment.actor, &self.clock)).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        if let Err(error) = glance.await {
            tracing::warn!(error.detail = ?error, payment.id = %payment.id, "a payment could not be looked at");
        }
    }

    /// Voids a payment that waits at the gateway's page, unless it was made there after all.
    pub(super) async fn abandon(&self, call: &Call, payment: &Payment) -> Result<(), Error> {
        let verdict = self.gateways.void(payment).await?;
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, payment, &verdict, (&call.actor()?.label(), &self.clock)).await?;
        Ok(tx.commit().await?)
    }

    /// How the checkout stands. It is the answer for ever under this idempotency key, unless it is yet to change.
    async fn tell(&self, call: &Call, checkout: &Checkout) -> Result<Response<CheckoutOutcome>, Error> {
        let mut tx = self.claim(call).await?;
        let outcome = outcome::tell(&mut tx, checkout, call.actor()?.customer(), &self.gateways).await?;
        if outcome.status == Stand::Pending.slug() {
            return Ok(Response::new(outcome));
        }
        Ok(tx.answer(outcome).await?)
    }

    /// A transaction under the call's idempotency key; under none when a repetition of the request has it or was
    /// quicker, since what became of a payment must be written in any case.
    async fn claim(&self, call: &Call) -> Result<Tx, Error> {
        match self.db.begin(call).await {
            Ok(tx) if tx.replayed::<CheckoutOutcome>()?.is_none() => Ok(tx),
            Ok(_) | Err(Kit::IdempotencyInFlight | Kit::IdempotencyMismatch) => Ok(self.db.begin_own().await?),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where an order comes from: the caller; or the customer in whose name staff check out (CA-7).
fn client(call: &Call, checkout: &Checkout) -> Client {
    let here = || Client { ip: call.client().ip.clone(), agent: call.client().agent.clone() };
    checkout.now.as_ref().map_or_else(here, |now| now.origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-1: the one who waited for another's payment never takes one of their own.
    #[test]
    fn every_step() {
        use Stand::{Completed, Declined, Open, Pending, Redirect};
        for (stand, same_method, waited, expected) in [
            (Open, false, false, Step::Pay),
            (Open, false, true, Step::Pay),
            (Pending, true, false, Step::Wait),
            (Pending, false, true, Step::Wait),
            (Redirect, true, false, Step::Tell),
            (Redirect, false, false, Step::Abandon),
            (Declined, true, false, Step::Pay),
            (Declined, true, true, Step::Tell),
            (Completed, false, false, Step::Tell),
            (Completed, true, true, Step::Tell),
        ] {
            assert_eq!(step(stand, same_method, waited), expected, "{stand:?} {same_method} {waited}");
        }
    }
}
