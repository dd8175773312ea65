//! The services that the doctor asks, and which of them derives what from whom.
use std::time::Duration;

use anyhow::{Context, bail};
use kit::{service::Env, transport::Transport};
use proto::{
    base::v1::{
        CheckClaimsRequest, CheckClaimsResponse, CompareFactsRequest, DiscrepanciesResponse, InspectRequest,
        InspectResponse, ListClaimsRequest, ListClaimsResponse, ListFactsRequest, ListFactsResponse,
        WithdrawClaimsRequest,
    },
    carts::v1::reconciliation_service_client::ReconciliationServiceClient as Carts,
    customers::v1::reconciliation_service_client::ReconciliationServiceClient as Customers,
    identity::v1::reconciliation_service_client::ReconciliationServiceClient as Identity,
    notifications::v1::reconciliation_service_client::ReconciliationServiceClient as Notifications,
    orders::v1::reconciliation_service_client::ReconciliationServiceClient as Orders,
    reviews::v1::reconciliation_service_client::ReconciliationServiceClient as Reviews,
};
use tonic::{Code, Request, Response, Status};

/// Account made.
pub const REGISTERED: &str = "patron.identity.v1.CustomerRegistered";
/// Order placed.
pub const PLACED: &str = "patron.orders.v1.OrderPlaced";
/// Money came in.
pub const CAPTURED: &str = "patron.orders.v1.PaymentCaptured";
/// Review written.
pub const SUBMITTED: &str = "patron.reviews.v1.ReviewSubmitted";

/// Subscription begun.
pub const STARTED: &str = "patron.orders.v1.SubscriptionStarted";

/// Open cart of somebody.
pub const HELD: &str = "patron.carts.v1.CartHolderChanged";

/// Longest that one page may take.
const LIMIT: Duration = Duration::from_secs(15);
/// How often a page is asked for while a service is away or two transactions stand in each other's way.
const ATTEMPTS: u32 = 4;

/// Who derives something from an event of whom.
pub struct Relation {
    /// Full name of the event.
    pub event: &'static str,
    /// Who knows.
    pub source: &'static str,
    /// Who derived something.
    pub projections: &'static [&'static str],
    /// Only what events of the last days have told of: nobody is written to about what is older, or was taken over
    /// from elsewhere without a word.
    pub announced: bool,
    /// Whether what is derived can be traced back, and is wrong when nothing supports it.
    pub claims: bool,
}

/// All of them. Money comes after the orders that it is for.
pub const RELATIONS: &[Relation] = &[
    Relation { event: REGISTERED, source: "identity", projections: &["customers"], announced: false, claims: false },
    Relation {
        event: PLACED,
        source: "orders",
        projections: &["customers", "carts", "reviews"],
        announced: false,
        claims: true,
    },
    Relation { event: PLACED, source: "orders", projections: &["notifications"], announced: true, claims: true },
    Relation { event: CAPTURED, source: "orders", projections: &["customers"], announced: false, claims: true },
    Relation { event: STARTED, source: "orders", projections: &["customers"], announced: false, claims: true },
    Relation { event: HELD, source: "carts", projections: &["customers"], announced: false, claims: true },
    Relation { event: SUBMITTED, source: "reviews", projections: &["customers"], announced: false, claims: true },
];

/// The ways to all services.
pub struct Peers {
    identity: Identity<Transport>,
    customers: Customers<Transport>,
    carts: Carts<Transport>,
    orders: Orders<Transport>,
    notifications: Notifications<Transport>,
    reviews: Reviews<Transport>,
}

/// Calls `$method` of the one of `$service` that offers it.
macro_rules! ask {
    ($peers:ident, $service:ident, $method:ident, $request:ident, [$($name:ident),+]) => {
        match $service {
            $(stringify!($name) => patiently(|| {
                let mut peer = $peers.$name.clone();
                let request = limited($request.clone());
                async move { peer.$method(request).await }
            }).await.context(stringify!($name)),)+
            other => bail!("{other} does not offer {}", stringify!($method)),
        }
    };
}

impl Peers {
    /// The ways out of `env`.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        let way = |peer| env.peer("doctor", peer);
        Ok(Self {
            identity: Identity::new(way("identity")?),
            customers: Customers::new(way("customers")?),
            carts: Carts::new(way("carts")?),
            orders: Orders::new(way("orders")?),
            notifications: Notifications::new(way("notifications")?),
            reviews: Reviews::new(way("reviews")?),
        })
    }

    /// A page of facts.
    pub async fn facts(&self, service: &str, request: &ListFactsRequest) -> anyhow::Result<ListFactsResponse> {
        ask!(self, service, list_facts, request, [identity, carts, orders, reviews])
    }

    /// Which claims are true.
    pub async fn check(&self, service: &str, request: &CheckClaimsRequest) -> anyhow::Result<CheckClaimsResponse> {
        ask!(self, service, check_claims, request, [carts, orders, reviews])
    }

    /// What differs from facts.
    pub async fn compare(&self, service: &str, request: &CompareFactsRequest) -> anyhow::Result<DiscrepanciesResponse> {
        ask!(self, service, compare_facts, request, [customers, carts, notifications, reviews])
    }

    /// A page of claims.
    pub async fn claims(&self, service: &str, request: &ListClaimsRequest) -> anyhow::Result<ListClaimsResponse> {
        ask!(self, service, list_claims, request, [customers, carts, notifications, reviews])
    }

    /// Which unfounded claims are still made.
    pub async fn withdraw(
        &self,
        service: &str,
        request: &WithdrawClaimsRequest,
    ) -> anyhow::Result<DiscrepanciesResponse> {
        ask!(self, service, withdraw_claims, request, [customers, carts, notifications, reviews])
    }

    /// Sums against their parts.
    pub async fn inspect(&self, service: &str, request: &InspectRequest) -> anyhow::Result<InspectResponse> {
        ask!(self, service, inspect, request, [customers, orders])
    }
}

fn limited<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(LIMIT);
    request
}

/// Asks again while the other side is away: everything the doctor asks for may be repeated.
async fn patiently<T, F>(ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut attempt = 1;
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if status.code() == Code::Unavailable && attempt < ATTEMPTS => attempt += 1,
            Err(status) => bail!("{:?}: {}", status.code(), status.message()),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
