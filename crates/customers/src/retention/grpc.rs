//! The RPC of retention: authorise, count, encode.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Call, Db, clock::Clock, page::total, permission::Permission};
use moka::future::Cache;
use proto::customers::v1::{self as pb, retention_service_server::RetentionService};
use tonic::{Request, Response, Status};

use super::{
    cohort::{cohorts, months},
    level::{ACTIVE, SILENT},
    store,
};
use crate::{
    Error,
    customer::Scope,
    list::{
        self,
        field::Field,
        filter::{Filter, Op, Values},
        query::Query,
        sort::Sort,
    },
};

/// How long figures are told again: they change slowly, and are dear.
const FRESH: Duration = Duration::from_mins(1);
/// Places whose figures are remembered.
const PLACES: u64 = 10_000;

/// The server of retention RPCs.
pub struct Figures {
    db: Db,
    clock: Clock,
    known: Cache<Scope, pb::Retention>,
}

impl Figures {
    /// Figures of `db` at the time of `clock`.
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, known: Cache::builder().max_capacity(PLACES).time_to_live(FRESH).build() }
    }

    /// How many buyers of `scope` there are of whom this holds, too.
    async fn count(&self, scope: Scope, orders: i64, more: Option<Filter>) -> Result<String, Error> {
        let buyers = Filter::Test(Field::OrdersCount, Op::Gte, Values::Number(vec![orders]));
        let filter = Filter::And([buyers].into_iter().chain(more).collect());
        let query = Query::of(scope, None, Some(filter), Sort::parse(&[], false)?);
        Ok(total(list::store::count(self.db.pool(), &query).await?))
    }

    async fn counted(&self, scope: Scope, now: DateTime<Utc>) -> Result<pb::Retention, Error> {
        let seen = |op, at: DateTime<Utc>| Filter::Test(Field::LastActivityAt, op, Values::Time(vec![at]));
        let months = months(now);
        let bought = store::bought(self.db.pool(), scope, &months).await?;
        let cooling = Filter::And(vec![seen(Op::Lte, now - ACTIVE), seen(Op::Gt, now - SILENT)]);
        Ok(pb::Retention {
            buyers: self.count(scope, 1, None).await?,
            active: self.count(scope, 1, Some(seen(Op::Gt, now - ACTIVE))).await?,
            cooling: self.count(scope, 1, Some(cooling)).await?,
            silent: self.count(scope, 1, Some(seen(Op::Lte, now - SILENT))).await?,
            repeat: self.count(scope, 2, None).await?,
            cohorts: cohorts(&months, &bought),
        })
    }
}

#[tonic::async_trait]
impl RetentionService for Figures {
    async fn get_retention(
        &self,
        request: Request<pb::GetRetentionRequest>,
    ) -> Result<Response<pb::Retention>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let scope = Scope::of(actor)?;
        if let Some(known) = self.known.get(&scope).await {
            return Ok(Response::new(known));
        }
        let counted = self.counted(scope, self.clock.now()).await?;
        self.known.insert(scope, counted.clone()).await;
        Ok(Response::new(counted))
    }
}
