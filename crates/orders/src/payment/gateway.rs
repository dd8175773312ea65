//! Payment gateways behind one interface (OR-3).
use kit::{Error, pool::Pool, secret::Secrets};

use sqlx::PgExecutor;

use super::{Payment, Stripe, Verdict, secret, stripe::method::is_method, test_gateway::TestGateway};
use crate::refund::{Answer, Refund, Theirs};

/// A gateway that a store may take payments through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Gateway {
    /// Built in, for trying things out: its payment methods say how they end.
    Test,
    /// Invoice, cash, transfer: the money comes outside of Patron.
    Manual,
    /// Cards, by Stripe.
    Stripe,
}

impl Gateway {
    /// All of them, by their names.
    pub const ALL: [Self; 3] = [Self::Manual, Self::Stripe, Self::Test];

    /// The gateway of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gateway| gateway.slug() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Manual => "manual",
            Self::Stripe => "stripe",
        }
    }

    /// What it can do, of "refund", "redirect", "resume".
    #[must_use]
    pub const fn abilities(self) -> &'static [&'static str] {
        match self {
            Self::Test | Self::Stripe => &["refund", "redirect", "resume"],
            Self::Manual => &[],
        }
    }

    /// Whether it has such a payment method.
    #[must_use]
    pub fn takes(self, method: &str) -> bool {
        match self {
            Self::Test => TestGateway::METHODS.contains(&method),
            Self::Manual => method.is_empty(),
            Self::Stripe => is_method(method),
        }
    }
}

/// All gateways. Each call is made outside of any transaction and names the payment's id, so that it can be repeated.
#[derive(Clone)]
pub struct Gateways {
    test: TestGateway,
    stripe: Stripe,
    secrets: Secrets,
    public: String,
}

/// Where a shopper goes on with a payment that waits for them.
pub use super::stripe::stripe::Doing;

impl Gateways {
    /// The gateways; `public` is the address that shoppers are sent back to.
    #[must_use]
    pub fn new(pool: &Pool, secrets: &Secrets, (stripe, public): (Stripe, &str)) -> Self {
        Self { test: TestGateway::new(pool), stripe, secrets: secrets.clone(), public: public.to_owned() }
    }

    /// Takes `payment`, whose shopper comes back to `back` when they have to leave; empty for nowhere in particular. Never
    /// twice, however often it is asked.
    pub async fn charge(&self, payment: &Payment, back: &str) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.charge(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
            Gateway::Stripe => self.stripe.charge(payment, (back, &self.public)).await,
        }
    }

    /// Takes `payment` of a renewal by the method that the gateway keeps, with nobody there to ask. Never twice, however
    /// often it is asked; never an answer that sends somebody to a page.
    pub async fn charge_unseen(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.charge_unseen(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
            Gateway::Stripe => self.stripe.charge_unseen(payment).await,
        }
    }

    /// What became of `payment`; `None` when the gateway has never heard of it.
    pub async fn lookup(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        match payment.gateway {
            Gateway::Test => self.test.lookup(payment).await,
            Gateway::Manual => Ok(Some(Verdict::Accepted)),
            Gateway::Stripe => self.stripe.lookup(payment).await,
        }
    }

    /// Sees to it that `payment` is not taken any more, and says what is true then: it may have been taken before.
    pub async fn void(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.void(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
            Gateway::Stripe => self.stripe.void(payment).await,
        }
    }

    /// Gives `refund` back. Never twice, however often it is asked: it says what became of it the first time.
    pub async fn refund(&self, refund: &Refund) -> Result<Answer, Error> {
        match refund.gateway {
            Gateway::Test => self.test.refund(refund).await,
            Gateway::Manual => Ok(Answer::Returned(String::new())),
            Gateway::Stripe => self.stripe.refund(refund).await,
        }
    }

    /// All refunds of `payment` as Stripe has them now, by whomever they were made; the oldest first.
    pub async fn returned(&self, payment: &Payment) -> Result<Vec<Theirs>, Error> {
        self.stripe.returned(payment).await
    }

    /// The shopper's decision on the `test` gateway's page.
    pub async fn decide(&self, payment: &Payment, approved: bool) -> Result<Verdict, Error> {
        self.test.decide(payment, approved).await
    }

    /// What became of `payment` because its shopper came back; `None` when nothing is known that was not a moment ago.
    pub async fn glance(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        match payment.gateway {
            Gateway::Stripe => self.stripe.glance(payment).await,
            Gateway::Test | Gateway::Manual => Ok(None),
        }
    }

    /// Where the shopper goes on with `payment`.
    pub async fn doing(&self, db: impl PgExecutor<'_>, payment: &Payment) -> Result<Doing, Error> {
        match payment.gateway {
            Gateway::Stripe => self.stripe.doing(db, payment).await,
            Gateway::Test | Gateway::Manual => {
                let page = format!("{}/pay/test/{}", self.public, secret::of(&self.secrets, payment.id));
                Ok(Doing { page, client_secret: String::new() })
            }
        }
    }
}
