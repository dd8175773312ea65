//! The gateway itself: what is asked of Stripe, in which order, and what its answers come to.
use kit::{Error, clock::Clock, pool::Pool, secret::Secrets};

use super::{
    amount::at_stripe,
    client::{Client, Form, Trouble},
    method::HOSTED,
    refusal::{odd, off, refused},
    store::{self, Known},
    wire::{Fault, Intent, Named, Session, Standing, not_completed},
};
use crate::{
    gateway_setting::store::Keys,
    payment::{Payment, Refusal, Verdict},
};

/// What client secrets are sealed for. They are gone with their payment, so that nothing seals them anew.
const PURPOSE: &str = "stripe-client-secret";

/// Stripe. Clones share their connections.
#[derive(Clone)]
pub struct Stripe {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) secrets: Secrets,
    pub(super) client: Client,
}

/// Whether somebody is there to be asked, and where they come back to then.
#[derive(Clone, Copy, Debug)]
enum Presence<'a> {
    Here(&'a str),
    Away,
}

/// Where a shopper goes on with a payment: to a page, or by Stripe.js.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// Address of a page; may be empty.
    pub page: String,
    /// What Stripe.js goes on with; may be empty.
    pub client_secret: String,
}

impl Stripe {
    /// The gateway that asks by `client`.
    #[must_use]
    pub fn new(pool: &Pool, (clock, secrets): (&Clock, &Secrets), client: Client) -> Self {
        Self { pool: pool.clone(), clock: clock.clone(), secrets: secrets.clone(), client }
    }

    async fn keys(&self, payment: &Payment) -> Result<Option<Keys>, Error> {
        self.keys_of(payment.store).await
    }

    /// Takes `payment`, whose shopper comes back to `back`: from a page of Stripe's, to the house's own front when that is
    /// empty.
    pub async fn charge(&self, payment: &Payment, (back, public): (&str, &str)) -> Result<Verdict, Error> {
        let Some(keys) = self.keys(payment).await? else { return Ok(Verdict::Failed(off())) };
        let Some(amount) = at_stripe(payment.amount) else { return Ok(Verdict::Failed(odd())) };
        match payment.method.as_str() {
            _ if amount == 0 => self.keep_only(&keys, payment).await,
            HOSTED => self.open_page(&keys, (payment, amount), if back.is_empty() { public } else { back }).await,
            _ => self.take(&keys, (payment, amount), Presence::Here(back)).await,
        }
    }

    /// Takes `payment` of a renewal by a method that Stripe keeps, while nobody is there.
    pub async fn charge_unseen(&self, payment: &Payment) -> Result<Verdict, Error> {
        let Some(keys) = self.keys(payment).await? else { return Ok(Verdict::Failed(off())) };
        match at_stripe(payment.amount) {
            Some(0) => Ok(Verdict::Captured(String::new())),
            Some(amount) => self.take(&keys, (payment, amount), Presence::Away).await,
            None => Ok(Verdict::Failed(odd())),
        }
    }

    /// Makes an intent, writes its name down, and confirms it.
    async fn take(
        &self,
        keys: &Keys,
        (payment, amount): (&Payment, i64),
        presence: Presence<'_>,
    ) -> Result<Verdict, Error> {
        let intent = match self.intend(keys, (payment, amount), presence).await {
            Ok(intent) => intent,
            Err(Trouble::Refused(fault)) => return Ok(Verdict::Failed(refused(&fault))),
            Err(unknown) => return Err(unknown.passing()),
        };
        if !store::name(&self.pool, payment, (None, Some(&intent.id)), self.clock.now()).await? {
            return self.end(keys, (payment, &intent.id), not_completed()).await;
        }
        let form = match presence {
            Presence::Here("") => Form::new(),
            Presence::Here(back) => vec![("return_url", back.to_owned())],
            Presence::Away => vec![("off_session", "true".to_owned())],
        };
        let path = format!("payment_intents/{}/confirm", intent.id);
        let confirmed = self.client.post(&keys.secret, &path, (&form, &format!("{}-confirm", payment.id))).await;
        let after = match confirmed {
            Ok(after) => after,
            Err(Trouble::Refused(fault)) => match fault.payment_intent {
                Some(after) if !after.id.is_empty() => after,
                _ => self.read(keys, &intent.id).await?,
            },
            Err(unknown) => return Err(unknown.passing()),
        };
        match (after.standing(), presence) {
            (Standing::Waiting, Presence::Away) => {
                let fault = Fault::<()> { code: Some("authentication_required".to_owned()), ..Fault::default() };
                self.end(keys, (payment, &after.id), fault.refusal()).await
            }
            (Standing::Idle, _) => self.end(keys, (payment, &after.id), Fault::<()>::default().refusal()).await,
            _ => self.conclude(keys, payment, &after).await?.ok_or(Error::Busy),
        }
    }

    /// An intent that moves no money yet.
    async fn intend(
        &self,
        keys: &Keys,
        (payment, amount): (&Payment, i64),
        presence: Presence<'_>,
    ) -> Result<Intent, Trouble> {
        let unknown = |error: Error| Trouble::Unknown(format!("was not asked: {error:?}"));
        let (_, keeps) = store::about(&self.pool, payment).await.map_err(unknown)?;
        let mut form = vec![
            ("amount", amount.to_string()),
            ("currency", payment.amount.currency.code().to_lowercase()),
            ("payment_method", payment.method.clone()),
            ("payment_method_types[0]", "card".to_owned()),
            ("metadata[payment]", payment.id.to_string()),
            ("metadata[order]", payment.order.to_string()),
        ];
        if keeps {
            let attach = matches!(presence, Presence::Away);
            form.push(("customer", self.customer(keys, payment, attach).await?));
            if !attach {
                form.push(("setup_future_usage", "off_session".to_owned()));
            }
        }
        self.client.post(&keys.secret, "payment_intents", (&form, &payment.id.to_string())).await
    }

    /// Stripe's own customer that the payment's method belongs to: a new one for a method that was never seen, which is
    /// attached to it at once or by the payment.
    async fn customer(&self, keys: &Keys, payment: &Payment, attach: bool) -> Result<String, Trouble> {
        let unknown = |error: Error| Trouble::Unknown(format!("was not asked: {error:?}"));
        let known = store::customer_of(&self.pool, payment.store, &payment.method).await.map_err(unknown)?;
        if let Some(customer) = known {
            return Ok(customer);
        }
        let form = vec![("metadata[payment]", payment.id.to_string())];
        let once = format!("{}-customer", payment.id);
        let made: Named = self.client.post(&keys.secret, "customers", (&form, &once)).await?;
        if attach {
            let path = format!("payment_methods/{}/attach", payment.method);
            let (form, once) = (vec![("customer", made.id.clone())], format!("{}-attach", payment.id));
            let _: Named = self.client.post(&keys.secret, &path, (&form, &once)).await?;
            let kept = store::keep(&self.pool, payment, (&payment.method, &made.id), self.clock.now()).await;
            kept.map_err(unknown)?;
        }
        Ok(made.id)
    }

    /// Nothing is to be paid today; what renews is charged by the method later.
    async fn keep_only(&self, keys: &Keys, payment: &Payment) -> Result<Verdict, Error> {
        let (_, keeps) = store::about(&self.pool, payment).await?;
        if keeps && payment.method != HOSTED {
            match self.customer(keys, payment, true).await {
                Ok(_) => {}
                Err(Trouble::Refused(fault)) => return Ok(Verdict::Failed(fault.refusal())),
                Err(unknown) => return Err(unknown.passing()),
            }
        }
        Ok(Verdict::Captured(String::new()))
    }

    /// Opens a page of Stripe's own that leads to `back`.
    async fn open_page(&self, keys: &Keys, (payment, amount): (&Payment, i64), back: &str) -> Result<Verdict, Error> {
        let form = page(payment, amount, (back, store::about(&self.pool, payment).await?));
        let opened = self.client.post(&keys.secret, "checkout/sessions", (&form, &payment.id.to_string())).await;
        let opened: Session = match opened {
            Ok(opened) => opened,
            Err(Trouble::Refused(fault)) => return Ok(Verdict::Failed(refused(&fault))),
            Err(unknown) => return Err(unknown.passing()),
        };
        let names = (Some(&*opened.id), opened.payment_intent.as_deref());
        if !store::name(&self.pool, payment, names, self.clock.now()).await? {
            return self.close_page(keys, payment, &opened.id).await;
        }
        self.conclude_page(keys, payment, &opened).await?.ok_or(Error::Busy)
    }

    /// What became of `payment`; `None` when no money can have moved by it.
    pub async fn lookup(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        let Some(known) = store::find(&self.pool, payment).await? else { return Ok(None) };
        if known.voided {
            return Ok(Some(Verdict::Failed(not_completed())));
        }
        let keys = self.keys(payment).await?.ok_or(Error::Busy)?;
        match known {
            Known { session: Some(session), .. } => {
                let page = self.read_page(&keys, &session).await?;
                self.conclude_page(&keys, payment, &page).await
            }
            Known { intent: Some(intent), .. } => {
                let intent = self.read(&keys, &intent).await?;
                self.conclude(&keys, payment, &intent).await
            }
            _ => Ok(None),
        }
    }

    /// The same because its shopper came back; `None` as well when that was a moment ago.
    pub async fn glance(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        if store::may_glance(&self.pool, payment, self.clock.now()).await? {
            self.lookup(payment).await
        } else {
            Ok(None)
        }
    }

    /// Sees to it that `payment` is not taken any more, and says what is true then.
    pub async fn void(&self, payment: &Payment) -> Result<Verdict, Error> {
        let known = store::void(&self.pool, payment, self.clock.now()).await?;
        if known.voided {
            return Ok(Verdict::Failed(not_completed()));
        }
        let keys = self.keys(payment).await?.ok_or(Error::Busy)?;
        match known {
            Known { session: Some(session), .. } => self.close_page(&keys, payment, &session).await,
            Known { intent: Some(intent), .. } => self.end(&keys, (payment, &intent), not_completed()).await,
            _ => Err(Error::Internal(format!("{} has neither a name nor is it void", payment.id))),
        }
    }

    /// Where the shopper goes on with `payment`.
    pub async fn doing(&self, db: impl sqlx::PgExecutor<'_>, payment: &Payment) -> Result<Doing, Error> {
        let known = store::find(db, payment).await?.unwrap_or_default();
        let context = payment.id.uuid();
        let client_secret = known.client_secret.and_then(|sealed| {
            let opened = self.secrets.open(PURPOSE, context.as_bytes(), &sealed).ok()?;
            String::from_utf8(opened).ok()
        });
        Ok(Doing { page: known.page, client_secret: client_secret.unwrap_or_default() })
    }

    async fn read(&self, keys: &Keys, intent: &str) -> Result<Intent, Error> {
        self.client.get(&keys.secret, &format!("payment_intents/{intent}")).await.map_err(Trouble::passing)
    }

    async fn read_page(&self, keys: &Keys, session: &str) -> Result<Session, Error> {
        self.client.get(&keys.secret, &format!("checkout/sessions/{session}")).await.map_err(Trouble::passing)
    }

    /// What an intent says of `payment`; `None` when no money can have moved by it. What failed is cancelled, too: nobody
    /// tries it again behind our back.
    async fn conclude(&self, keys: &Keys, payment: &Payment, intent: &Intent) -> Result<Option<Verdict>, Error> {
        Ok(Some(match intent.standing() {
            Standing::Idle => return Ok(None),
            Standing::Underway => return Err(Error::Busy),
            Standing::Paid => {
                self.keep(payment, intent).await?;
                Verdict::Captured(intent.id.clone())
            }
            Standing::Waiting => {
                let secret = intent.client_secret.as_deref().unwrap_or_default();
                let sealed = self.secrets.seal(PURPOSE, payment.id.uuid().as_bytes(), secret.as_bytes());
                store::wait(&self.pool, payment, intent.page(), Some(&sealed)).await?;
                Verdict::Redirected
            }
            Standing::Failed(refusal) => self.end(keys, (payment, &intent.id), refusal).await?,
            Standing::Cancelled => {
                let failed = intent.last_payment_error.as_ref().map(Fault::refusal);
                Verdict::Failed(failed.unwrap_or_else(not_completed))
            }
        }))
    }

    /// What a page of Stripe's says of `payment`.
    async fn conclude_page(&self, keys: &Keys, payment: &Payment, page: &Session) -> Result<Option<Verdict>, Error> {
        let verdict = page.verdict().ok_or(Error::Busy)?;
        match (&verdict, &page.payment_intent) {
            (Verdict::Captured(_), Some(intent)) => {
                store::name(&self.pool, payment, (None, Some(intent)), self.clock.now()).await?;
                let (_, keeps) = store::about(&self.pool, payment).await?;
                if keeps {
                    self.keep(payment, &self.read(keys, intent).await?).await?;
                }
            }
            (Verdict::Redirected, _) => {
                let url = page.url.as_deref().filter(|url| url.starts_with("https://")).unwrap_or_default();
                store::wait(&self.pool, payment, url, None).await?;
            }
            _ => {}
        }
        Ok(Some(verdict))
    }

    /// A key of its own for each time: Stripe would repeat its first answer, though it refused what it would do by now.
    fn anew(&self, payment: &Payment, what: &str) -> String {
        format!("{}-{what}-{}", payment.id, self.clock.now().timestamp_micros())
    }

    /// Closes a page, unless somebody has paid there.
    async fn close_page(&self, keys: &Keys, payment: &Payment, session: &str) -> Result<Verdict, Error> {
        let (path, once) = (format!("checkout/sessions/{session}/expire"), self.anew(payment, "expire"));
        let page: Session = match self.client.post(&keys.secret, &path, (&Form::new(), &once)).await {
            Ok(page) => page,
            Err(Trouble::Refused(_)) => self.read_page(keys, session).await?,
            Err(unknown) => return Err(unknown.passing()),
        };
        match self.conclude_page(keys, payment, &page).await? {
            Some(Verdict::Redirected) | None => Err(Error::Busy),
            Some(verdict) => Ok(verdict),
        }
    }

    /// Cancels an intent because of `refusal`, unless it was paid.
    async fn end(&self, keys: &Keys, (payment, intent): (&Payment, &str), refusal: Refusal) -> Result<Verdict, Error> {
        let (path, once) = (format!("payment_intents/{intent}/cancel"), self.anew(payment, "cancel"));
        let after: Intent = match self.client.post(&keys.secret, &path, (&Form::new(), &once)).await {
            Ok(after) => after,
            Err(Trouble::Refused(_)) => self.read(keys, intent).await?,
            Err(unknown) => return Err(unknown.passing()),
        };
        match after.standing() {
            Standing::Paid => {
                self.keep(payment, &after).await?;
                Ok(Verdict::Captured(after.id))
            }
            Standing::Cancelled => Ok(Verdict::Failed(refusal)),
            _ => Err(Error::Busy),
        }
    }

    /// Remembers whose the method of a paid intent is, if Stripe keeps it for us.
    async fn keep(&self, payment: &Payment, paid: &Intent) -> Result<(), Error> {
        if let (Some(method), Some(customer)) = (&paid.payment_method, &paid.customer) {
            store::keep(&self.pool, payment, (method, customer), self.clock.now()).await?;
        }
        Ok(())
    }
}

/// What a page of Stripe's that leads to `back` is opened with.
fn page(payment: &Payment, amount: i64, (back, (number, keeps)): (&str, (String, bool))) -> Form {
    let mut form = vec![
        ("mode", "payment".to_owned()),
        ("success_url", back.to_owned()),
        ("cancel_url", back.to_owned()),
        ("payment_method_types[0]", "card".to_owned()),
        ("client_reference_id", payment.id.to_string()),
        ("metadata[payment]", payment.id.to_string()),
        ("payment_intent_data[metadata][payment]", payment.id.to_string()),
        ("payment_intent_data[metadata][order]", payment.order.to_string()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", payment.amount.currency.code().to_lowercase()),
        ("line_items[0][price_data][unit_amount]", amount.to_string()),
        ("line_items[0][price_data][product_data][name]", format!("Order {number}")),
    ];
    if keeps {
        form.push(("customer_creation", "always".to_owned()));
        form.push(("payment_intent_data[setup_future_usage]", "off_session".to_owned()));
    }
    form
}
