//! What other services know of accounts: asked of many at once, before anything is decided. What cannot be asked stops the
//! whole, so that it makes nobody unused.
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use kit::{
    ids::{CustomerId, RealmId},
    service::Env,
    transport::Transport,
};
use proto::{
    base::v1::{FindTracesRequest, Trace},
    carts::v1::personal_data_service_client::PersonalDataServiceClient as Carts,
    identity::v1::{
        AddBlocksRequest, CheckManyBlocksRequest, block_service_client::BlockServiceClient,
        check_many_blocks_request::Visitor, personal_data_service_client::PersonalDataServiceClient as Identity,
    },
    orders::v1::personal_data_service_client::PersonalDataServiceClient as Orders,
};
use tonic::Request;

use super::facts::Facts;
use crate::{Error, NAME};

/// How long one service may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// What others know of some accounts.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    traces: HashMap<CustomerId, Vec<String>>,
    blocked: HashSet<CustomerId>,
}

impl Evidence {
    /// What was left by whom, and who is on a block list.
    #[must_use]
    pub fn of(left: Vec<(CustomerId, String)>, blocked: Vec<CustomerId>) -> Self {
        let mut traces: HashMap<_, Vec<_>> = HashMap::new();
        for (customer, kind) in left {
            traces.entry(customer).or_default().push(kind);
        }
        Self { traces, blocked: blocked.into_iter().collect() }
    }

    /// What `customer` left with others.
    pub fn left(&self, customer: CustomerId) -> impl Iterator<Item = &str> {
        self.traces.get(&customer).into_iter().flatten().map(String::as_str)
    }

    /// Whether an entry of a block list fits `customer`.
    #[must_use]
    pub fn is_blocked(&self, customer: CustomerId) -> bool {
        self.blocked.contains(&customer)
    }
}

/// Ways to those who know.
#[derive(Clone)]
pub struct Witnesses {
    carts: Carts<Transport>,
    identity: Identity<Transport>,
    orders: Orders<Transport>,
    blocks: BlockServiceClient<Transport>,
}

fn patient<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}

impl Witnesses {
    /// From customers to each.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        Ok(Self {
            carts: Carts::new(env.peer(NAME, "carts")?),
            identity: Identity::new(env.peer(NAME, "identity")?),
            orders: Orders::new(env.peer(NAME, "orders")?),
            blocks: BlockServiceClient::new(env.peer(NAME, "identity")?),
        })
    }

    /// What is known elsewhere of these accounts. Of whoever has orders nothing needs to be.
    pub async fn ask(&self, realm: RealmId, facts: &[Facts]) -> Result<Evidence, Error> {
        let facts: Vec<&Facts> = facts.iter().filter(|facts| !facts.has_orders).collect();
        if facts.is_empty() {
            return Ok(Evidence::default());
        }
        let customers = facts.iter().map(|facts| facts.id.into()).collect();
        let asked = FindTracesRequest { realm: realm.into(), customers };
        let visitor = |facts: &&Facts| Visitor { ip: facts.ip.clone(), email: facts.email.clone() };
        let visitors = CheckManyBlocksRequest { realm: realm.into(), visitors: facts.iter().map(visitor).collect() };
        let Self { mut carts, mut identity, mut orders, mut blocks } = self.clone();
        // Libraries are asked here, too, as soon as there are any.
        let (carts, identity, orders, blocks) = tokio::try_join!(
            carts.find_traces(patient(asked.clone())),
            identity.find_traces(patient(asked.clone())),
            orders.find_traces(patient(asked)),
            blocks.check_many_blocks(patient(visitors)),
        )?;
        let traces = [carts, identity, orders].into_iter().flat_map(|answer| answer.into_inner().traces);
        let left = traces.filter_map(|Trace { customer, kind }| Some((customer.parse().ok()?, kind)));
        let blocked = facts.iter().zip(blocks.into_inner().blocked).filter(|(_, blocked)| *blocked);
        Ok(Evidence::of(left.collect(), blocked.map(|(facts, _)| facts.id).collect()))
    }

    /// Has identity keep out what accounts were made with.
    pub async fn block(&self, request: AddBlocksRequest) -> Result<i64, Error> {
        Ok(self.blocks.clone().add_blocks(patient(request)).await?.into_inner().added)
    }
}
