//! Payment gateways behind one interface (OR-3).
use kit::{Error, pool::Pool, secret::Secrets};

use super::{Payment, Verdict, secret, test_gateway::TestGateway};
use crate::refund::{Answer, Refund};

/// A gateway that a store may take payments through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Gateway {
    /// Built in, for trying things out: its payment methods say how they end.
    Test,
    /// Invoice, cash, transfer: the money comes outside of Patron.
    Manual,
}

impl Gateway {
    /// The gateway of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Test, Self::Manual].into_iter().find(|gateway| gateway.slug() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Manual => "manual",
        }
    }

    /// What it can do, of "refund", "redirect", "resume".
    #[must_use]
    pub const fn abilities(self) -> &'static [&'static str] {
        match self {
            Self::Test => &["refund", "redirect", "resume"],
            Self::Manual => &[],
        }
    }

    /// Whether it has such a payment method.
    #[must_use]
    pub fn takes(self, method: &str) -> bool {
        match self {
            Self::Test => TestGateway::METHODS.contains(&method),
            Self::Manual => method.is_empty(),
        }
    }
}

/// All gateways. Each call is made outside of any transaction and names the payment's id, so that it can be repeated.
#[derive(Clone)]
pub struct Gateways {
    test: TestGateway,
    secrets: Secrets,
    public: String,
}

impl Gateways {
    /// The gateways; `public` is the address that shoppers are sent back to.
    #[must_use]
    pub fn new(pool: &Pool, secrets: &Secrets, public: &str) -> Self {
        Self { test: TestGateway::new(pool), secrets: secrets.clone(), public: public.to_owned() }
    }

    /// Takes `payment`. Never twice, however often it is asked.
    pub async fn charge(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.charge(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
        }
    }

    /// Takes `payment` of a renewal by the method that the gateway keeps, with nobody there to ask. Never twice, however
    /// often it is asked; never an answer that sends somebody to a page.
    pub async fn charge_unseen(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.charge_unseen(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
        }
    }

    /// What became of `payment`; `None` when the gateway has never heard of it.
    pub async fn lookup(&self, payment: &Payment) -> Result<Option<Verdict>, Error> {
        match payment.gateway {
            Gateway::Test => self.test.lookup(payment).await,
            Gateway::Manual => Ok(Some(Verdict::Accepted)),
        }
    }

    /// Sees to it that `payment` is not taken any more, and says what is true then: it may have been taken before.
    pub async fn void(&self, payment: &Payment) -> Result<Verdict, Error> {
        match payment.gateway {
            Gateway::Test => self.test.void(payment).await,
            Gateway::Manual => Ok(Verdict::Accepted),
        }
    }

    /// Gives `refund` back. Never twice, however often it is asked: it says what became of it the first time.
    pub async fn refund(&self, refund: &Refund) -> Result<Answer, Error> {
        match refund.gateway {
            Gateway::Test => self.test.refund(refund).await,
            Gateway::Manual => Ok(Answer::Returned(String::new())),
        }
    }

    /// The shopper's decision on the `test` gateway's page.
    pub async fn decide(&self, payment: &Payment, approved: bool) -> Result<Verdict, Error> {
        self.test.decide(payment, approved).await
    }

    /// Where the shopper goes to decide on `payment`.
    #[must_use]
    pub fn page(&self, payment: &Payment) -> String {
        format!("{}/pay/test/{}", self.public, secret::of(&self.secrets, payment.id))
    }
}
