//! The RPC of reports: authorise, parse, count, encode.
use std::collections::HashMap;

use kit::{
    Call, Db,
    clock::{Clock, timestamp},
    ids::StoreId,
    permission::Permission,
    transport::Transport,
};
use proto::{
    identity::v1::{FindColleaguesRequest, colleague_service_client::ColleagueServiceClient},
    orders::v1::{self as pb, report_service_server::ReportService},
};
use tonic::{Request, Response, Status};

use super::{
    report::{By, Question},
    store::{self, MOST, Row},
};

/// Most of the staff whose names identity tells at once.
const NAMES: usize = 100;

/// Answers [`ReportService`].
pub struct Reports {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Where it is known who works for a store.
    pub colleagues: ColleagueServiceClient<Transport>,
}

impl Reports {
    /// Names of the agents among `rows` who work for `store`. Without identity there are none: numbers do not wait for
    /// names.
    async fn names(&self, call: &Call, store: StoreId, rows: &[Row]) -> HashMap<String, String> {
        let mut names = HashMap::new();
        let mut staff: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        staff.sort_unstable();
        staff.dedup();
        for some in staff.chunks(NAMES) {
            let asked = FindColleaguesRequest { store: store.into(), staff: some.to_vec() };
            let Ok(found) = self.colleagues.clone().find_colleagues(call.trace(asked)).await else { break };
            names.extend(found.into_inner().colleagues.into_iter().map(|one| (one.staff, one.name)));
        }
        names
    }
}

#[tonic::async_trait]
impl ReportService for Reports {
    async fn get_attribution_report(
        &self,
        request: Request<pb::GetAttributionReportRequest>,
    ) -> Result<Response<pb::AttributionReport>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersRead)?;
        let scope = (actor.realm()?, actor.store);
        let question = Question::parse(request.get_ref(), self.clock.now())?;
        let mut rows = store::report(self.db.pool(), scope, &question).await?;
        let more = rows.len() > MOST;
        rows.truncate(MOST);
        let names = match (question.by, scope.1) {
            (By::Agent, Some(store)) => self.names(&call, store, &rows).await,
            _ => HashMap::new(),
        };
        let show = |row: Row| pb::AttributionRow {
            name: names.get(&row.key).cloned().unwrap_or_default(),
            key: row.key,
            currency: row.currency,
            orders: row.orders,
            revenue: row.revenue,
            refunded: row.refunded,
            commission_base: row.commission_base,
        };
        let rows = rows.into_iter().map(show).collect();
        let (from, to) = (Some(timestamp(question.from)), Some(timestamp(question.to)));
        Ok(Response::new(pb::AttributionReport { rows, more, from, to }))
    }
}
