//! Renews subscriptions (OR-7). It may run in many processes: each takes over what is due for one lease, and the order of a
//! renewal, its payment and the note that it is underway are written in one transaction before any gateway is asked. From
//! then on the payment's own lease counts: when this process dies, the reaper of payments asks the gateway what became of
//! it. Nothing is charged twice, since the payment's id is the key that the gateway knows a charge by, and since there is
//! one order for each renewal.
use std::time::Duration;

use kit::{Db, Error as Kit, Tx, clock::Clock, transport::Transport};
use proto::customers::v1::{GetCustomerRequest, customer_service_client::CustomerServiceClient};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::{Step, Subscription, draft::Renewal, settled, store};
use crate::{
    checkout,
    error::Error,
    library::goods::{Goods, Inside},
    order::{Contact, Doer, Order, store as orders},
    payment::{Gateways, Payment, settle::settle, store as payments},
};

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a gateway may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many subscriptions are worked on at once, so that a slow gateway does not hold up the others.
const ABREAST: usize = 16;
/// How long the end of a process waits for what is underway.
const FAREWELL: Duration = Duration::from_secs(4);
/// Who renews.
pub(super) const ACTOR: &str = "system orders";

/// Renews what is due.
#[derive(Clone)]
pub struct Renewals {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who is asked for money.
    pub gateways: Gateways,
    /// Who customers are by now.
    pub customers: CustomerServiceClient<Transport>,
    /// What is inside of what is renewed by now.
    pub goods: Goods,
}

/// What a renewal is made of that others know.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The customer's e-mail address as it is now; empty when they have none any more.
    email: String,
    /// What is inside, of a bundle or combo.
    contents: Option<Vec<Inside>>,
    /// Whether nobody is there any more.
    is_gone: bool,
}

impl Renewals {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut underway = JoinSet::new();
        while !stop.is_cancelled() {
            let room = ABREAST - underway.len();
            let found = match self.depart(room, &mut underway).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(error.detail = ?error, "subscriptions cannot be looked at");
                    0
                }
            };
            if room > 0 && found == room {
                continue;
            }
            tokio::select! {
                Some(_) = underway.join_next(), if underway.len() >= ABREAST => {}
                () = stop.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
            while underway.try_join_next().is_some() {}
        }
        // What does not make it is gone on with when its lease ends.
        let _ = timeout(FAREWELL, underway.join_all()).await;
    }

    /// Works once on what is due, on a handful of subscriptions at most, and waits for it; answers on how many.
    pub async fn round(&self) -> Result<usize, Error> {
        let mut underway = JoinSet::new();
        let found = self.depart(ABREAST, &mut underway).await?;
        underway.join_all().await;
        Ok(found)
    }

    /// Begins to work on what is due, on at most `room` subscriptions; answers on how many.
    async fn depart(&self, room: usize, underway: &mut JoinSet<()>) -> Result<usize, Error> {
        if room == 0 {
            return Ok(0);
        }
        let due = store::take_over(self.db.pool(), &self.clock, i64::try_from(room).unwrap_or(i64::MAX)).await?;
        let found = due.len();
        for subscription in due {
            let this = self.clone();
            underway.spawn(async move {
                if let Err(error) = this.work(&subscription).await {
                    tracing::warn!(error.detail = ?error, subscription.id = %subscription.id, "a subscription waits");
                }
            });
        }
        Ok(found)
    }

    /// Does what is to be done with a subscription that was taken over.
    async fn work(&self, found: &Subscription) -> Result<(), Error> {
        let is_new = found.step(self.clock.now()) == Step::Charge && found.course.draft.is_none();
        // Asked before anything is held; when they cannot be, it is looked at again when the lease ends.
        let known =
            if found.step(self.clock.now()) == Step::Charge { self.ask(found).await? } else { Known::default() };
        let is_owed = is_new && store::unpaid(self.db.pool(), found).await?.is_some();
        // In a transaction of its own, before the one that uses it.
        let number = if is_new && !is_owed { Some(orders::next_number(&self.db, found.store).await?) } else { None };
        let mut tx = self.db.begin_own().await?;
        let Some(mut held) = store::hold(&mut tx, found.realm, found.id).await? else { return Ok(()) };
        let now = self.clock.now();
        let payment = match held.step(now) {
            Step::Check => return self.check(tx, held).await,
            Step::Wait => None,
            Step::Notice => {
                held.noticed(now);
                held.tell_notice(&mut tx, now);
                None
            }
            Step::End => {
                if held.run_out(now) {
                    store::record(&mut tx, &held, "ended", (&doer(), now)).await?;
                    held.tell_end(&mut tx, now);
                }
                None
            }
            Step::Charge if known.is_gone => {
                settled::end(&mut tx, vec![held], (&doer(), now)).await?;
                return Ok(tx.commit().await?);
            }
            Step::Charge => match store::unpaid(&mut *tx, &held).await? {
                Some(invoice) => {
                    settled::hold_back(&mut tx, &mut held, invoice, (&doer(), now)).await?;
                    None
                }
                None => Some(self.begin(&mut tx, (&mut held, &known), number).await?),
            },
        };
        store::save(&mut tx, &held).await?;
        tx.commit().await?;
        match payment {
            Some(payment) => self.charge(&payment).await,
            None => Ok(()),
        }
    }

    /// Asks what others know of a renewal that is due.
    async fn ask(&self, found: &Subscription) -> Result<Known, Error> {
        let (item, store) = (&found.item, found.store);
        let contents = if matches!(item.package.as_str(), "bundle" | "combo") {
            Some(self.goods.inside(None, &[(store, item.product)]).await?.remove(&item.product).unwrap_or_default())
        } else {
            None
        };
        match self.customers.clone().get_customer(GetCustomerRequest { id: found.customer.into() }).await {
            Ok(known) => Ok(Known { email: known.into_inner().email, contents, is_gone: false }),
            Err(gone) if gone.code() == Code::NotFound => Ok(Known { is_gone: true, ..Known::default() }),
            Err(status) => Err(status.into()),
        }
    }

    /// Finds out what became of a charge of which nothing was heard.
    async fn check(&self, mut tx: Tx, mut held: Subscription) -> Result<(), Error> {
        let (now, order) = (self.clock.now(), held.course.charging.ok_or(Error::OrderNotFound)?);
        let mut order = orders::find(&mut *tx, held.realm, order).await?.ok_or(Error::OrderNotFound)?;
        let payment = payments::latest(&mut *tx, held.realm, order.id).await?.ok_or(Error::PaymentNotFound)?;
        if let Some(verdict) = payment.known() {
            settled::renew(&mut tx, (&mut order, &payment), &verdict, (&doer(), &self.clock)).await?;
        } else {
            held.updated_at = now;
            store::save(&mut tx, &held).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes down the renewal that is about to be charged: its order, which later attempts use again, and a payment.
    async fn begin(
        &self,
        tx: &mut Tx,
        (held, known): (&mut Subscription, &Known),
        number: Option<String>,
    ) -> Result<Payment, Error> {
        let now = self.clock.now();
        let renewal = Renewal { subscription: held, contents: known.contents.as_deref(), now };
        let draft = match (held.course.draft, number) {
            (Some(order), _) => {
                let mut order = orders::find(&mut **tx, held.realm, order).await?.ok_or(Error::OrderNotFound)?;
                order.contact = known.reach(order.contact);
                renewal.again(order)?
            }
            (None, Some(number)) => renewal.create(number, known.reach(store::contact(tx, held).await?)),
            // Somebody else has been here: it is due again when this lease ends.
            (None, None) => return Err(Kit::Busy.into()),
        };
        let Order { id, .. } = draft.order;
        if !checkout::store::start(&mut **tx, &draft, &self.clock).await? {
            return Err(Kit::Internal(format!("the renewal {id} is underway already")).into());
        }
        if draft.seen.is_none() {
            store::claim_cycle(tx, held, id).await?;
        }
        held.charge(id, now);
        Ok(draft.payment)
    }

    /// Asks the gateway, outside of any transaction, and writes its answer. When it takes too long, the reaper of payments
    /// goes on with it.
    async fn charge(&self, payment: &Payment) -> Result<(), Error> {
        let verdict = timeout(PATIENCE, self.gateways.charge_unseen(payment)).await.map_err(|_| Kit::Busy)??;
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, payment, &verdict, (ACTOR, &self.clock)).await?;
        Ok(tx.commit().await?)
    }
}

impl Known {
    /// `contact`, with which it all began, reached where its customer is by now. Where goods go stays as it was agreed.
    fn reach(&self, contact: Contact) -> Contact {
        if self.email.is_empty() { contact } else { Contact { email: self.email.clone(), ..contact } }
    }
}

/// Who renews, as histories name them.
pub(super) fn doer() -> Doer {
    Doer { actor: ACTOR.to_owned(), impersonator: String::new() }
}
