//! How a checkout stands, told from its cart's order and the newest payment.
use kit::{ids::CustomerId, money::Money};
use proto::orders::v1 as pb;
use sqlx::PgConnection;

use super::Checkout;
use crate::{
    error::Error,
    order::{
        self, Order,
        view::{self, Sight},
    },
    payment::{self, Gateways, Payment, State},
};

/// What there is of a checkout so far.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its cart's order, a draft or placed.
    pub order: Option<Order>,
    /// The order's newest payment.
    pub payment: Option<Payment>,
}

/// How a checkout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Nothing was paid yet.
    Open,
    /// The outcome is not known yet.
    Pending,
    /// The shopper is at the gateway's page.
    Redirect,
    /// The last attempt failed; another may follow.
    Declined,
    /// The order is placed.
    Completed,
}

impl Stand {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Redirect => "redirect",
            Self::Declined => "declined",
            Self::Completed => "completed",
        }
    }

    /// Of an order that is `placed` or not, and its newest payment.
    #[must_use]
    pub const fn of(placed: bool, payment: Option<State>) -> Self {
        match (placed, payment) {
            (true, _) => Self::Completed,
            (false, None) => Self::Open,
            (false, Some(State::Started | State::Accepted | State::Captured)) => Self::Pending,
            (false, Some(State::Redirected)) => Self::Redirect,
            (false, Some(State::Failed)) => Self::Declined,
        }
    }
}

impl Progress {
    /// Reads how the checkout stands.
    pub async fn of(db: &mut PgConnection, checkout: &Checkout) -> Result<Self, Error> {
        let order = order::store::of_cart(&mut *db, checkout.realm, checkout.cart).await?;
        let payment = match &order {
            Some(order) => payment::store::latest(db, order.realm, order.id).await?,
            None => None,
        };
        Ok(Self { order, payment })
    }

    /// Whether the order is placed.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.order.as_ref().is_some_and(Order::is_placed)
    }

    /// Whether the newest payment is of what `checkout` shows, by `method`. One that was begun before may be for another
    /// address.
    #[must_use]
    pub fn is_by(&self, checkout: &Checkout, method: &str) -> bool {
        self.payment.as_ref().is_some_and(|payment| {
            payment.method == method
                && payment.gateway == checkout.gateway
                && payment.amount == checkout.shown
                && payment.created_at >= checkout.created_at
        })
    }

    /// How it stands.
    #[must_use]
    pub fn stand(&self) -> Stand {
        Stand::of(self.is_placed(), self.payment.as_ref().map(|payment| payment.state))
    }

    /// What is told of it to a `caller` who holds the token of `checkout`.
    pub async fn tell(
        self,
        db: &mut PgConnection,
        checkout: &Checkout,
        caller: Option<CustomerId>,
        gateways: &Gateways,
    ) -> Result<pb::CheckoutOutcome, Error> {
        let stand = self.stand();
        let mut outcome = bare(stand, checkout.shown);
        match (stand, self) {
            (Stand::Completed | Stand::Pending, Self { order: Some(order), .. }) => {
                let sight = Sight { clear: checkout.is_clear(&order, caller), staff: false };
                let own = [caller, checkout.customer].contains(&Some(order.customer));
                let mut shown = view::show_one(db, order, sight).await?;
                if !own {
                    shown.customer.clear(); // or it would say who stands behind an e-mail address that somebody typed
                }
                outcome.order = Some(shown);
            }
            (Stand::Redirect, Self { payment: Some(payment), .. }) => {
                let doing = gateways.doing(db, &payment).await?;
                (outcome.redirect_url, outcome.client_secret) = (doing.page, doing.client_secret);
            }
            (Stand::Declined, Self { payment: Some(payment), .. }) => {
                outcome.message = payment.refusal.map(|refusal| refusal.message).unwrap_or_default();
            }
            _ => {}
        }
        Ok(outcome)
    }
}

/// What is told of `checkout` to a `caller` who holds its token.
pub async fn tell(
    db: &mut PgConnection,
    checkout: &Checkout,
    caller: Option<CustomerId>,
    gateways: &Gateways,
) -> Result<pb::CheckoutOutcome, Error> {
    let progress = Progress::of(&mut *db, checkout).await?;
    progress.tell(db, checkout, caller, gateways).await
}

/// An outcome with nothing but its status.
#[must_use]
pub fn bare(stand: Stand, amount: Money) -> pb::CheckoutOutcome {
    pb::CheckoutOutcome {
        status: stand.slug().to_owned(),
        amount: Some(amount.into()),
        ..pb::CheckoutOutcome::default()
    }
}
