//! The RPCs of audits of accounts: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use kit::{
    Call, Db,
    actor::Actor,
    clock::Clock,
    ids::{AccountAuditId, CustomerId, JobId, RealmId},
    page::Pager,
    permission::Permission,
    reads::Reads,
};
use proto::customers::v1::{self as pb, account_audit_service_server::AccountAuditService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    audit::Ran,
    begin::begin_asked,
    list::{Query, Row, key},
    rules::{ChangeRules, change_rules},
    store,
};
use crate::{
    Error,
    customer::{
        Scope,
        encode::{Sums, encode},
        grpc::mask,
        store as customers,
    },
    record::standing::is_of_network,
};

/// The server of these RPCs.
pub struct AccountAudits {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) reads: Reads,
    /// Tells whoever carries audits out of a new one.
    pub(crate) asked: Arc<Notify>,
}

/// The customer base whose accounts `actor` may look through: all of it, or nothing (ID-21).
pub(crate) fn realm(actor: &Actor) -> Result<RealmId, Error> {
    actor.require(Permission::CustomersCleanup)?;
    let scope = Scope::of(actor)?;
    if scope.store.is_some() && !is_of_network(actor) {
        return Err(Error::NetworkMembershipRequired);
    }
    Ok(scope.realm)
}

/// Verdicts as `call` may see them.
pub(crate) async fn shown(
    (db, reads, clock): (&Db, &Reads, &Clock),
    call: &Call,
    (realm, rows): (RealmId, Vec<Row>),
) -> Result<Vec<pb::Verdict>, Error> {
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.verdict.customer).collect();
    let sums: Sums = customers::sums(db.pool(), Scope::realm(realm), &ids).await?;
    reads.note(call, ids);
    let (actor, now) = (call.actor()?, clock.now());
    let tell = |row: Row| {
        let sum = sums.get(&row.customer.id).cloned().unwrap_or_default();
        row.verdict.told(Some(mask(actor, encode(row.customer, &sum), now)))
    };
    Ok(rows.into_iter().map(tell).collect())
}

/// The audit `id` of `realm`.
pub(crate) async fn find(db: &Db, realm: RealmId, id: &str) -> Result<Ran, Error> {
    let id: AccountAuditId = id.parse().map_err(|_| Error::AuditNotFound)?;
    store::ran(db.pool(), (realm, JobId::from_uuid(id.uuid()))).await?.ok_or(Error::AuditNotFound)
}

#[tonic::async_trait]
impl AccountAuditService for AccountAudits {
    async fn begin_account_audit(
        &self,
        request: Request<pb::BeginAccountAuditRequest>,
    ) -> Result<Response<pb::Job>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let job = begin_asked(&mut tx, &call, realm, self.clock.now()).await?;
        let answer = tx.answer(job.told(Vec::new())).await?;
        self.asked.notify_one();
        Ok(answer)
    }

    async fn list_account_audits(
        &self,
        request: Request<pb::ListAccountAuditsRequest>,
    ) -> Result<Response<pb::ListAccountAuditsResponse>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        let context = format!("account audits {realm}");
        let page = self.pager.read(request.get_ref().page.as_ref(), &context)?;
        let place: Option<JobId> = page.cursor.as_ref().and_then(|cursor| cursor.key.first()?.parse().ok());
        let runs = store::runs(self.db.pool(), (realm, place), (page.is_forward(), page.fetch())).await?;
        let key = |ran: &Ran| vec![ran.audit.id.to_string()];
        let (runs, place) = self.pager.finish(&page, runs, &context, key);
        let audits = runs.into_iter().map(Ran::told).collect();
        Ok(Response::new(pb::ListAccountAuditsResponse { audits, page: Some(place) }))
    }

    async fn get_account_audit(
        &self,
        request: Request<pb::GetAccountAuditRequest>,
    ) -> Result<Response<pb::AccountAudit>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        Ok(Response::new(find(&self.db, realm, &request.get_ref().id).await?.told()))
    }

    async fn list_verdicts(
        &self,
        request: Request<pb::ListVerdictsRequest>,
    ) -> Result<Response<pb::ListVerdictsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let realm = realm(actor)?;
        actor.require(Permission::CustomersRead)?;
        find(&self.db, realm, &request.get_ref().audit).await?;
        let query = Query::parse(request.get_ref(), realm)?;
        let page = self.pager.read(request.get_ref().page.as_ref(), &query.context())?;
        let rows = query.page(self.db.pool(), &page).await?;
        let (rows, place) = self.pager.finish(&page, rows, &query.context(), key);
        let verdicts = shown((&self.db, &self.reads, &self.clock), &call, (realm, rows)).await?;
        Ok(Response::new(pb::ListVerdictsResponse { verdicts, page: Some(place) }))
    }

    async fn get_account_rules(
        &self,
        request: Request<pb::GetAccountRulesRequest>,
    ) -> Result<Response<pb::AccountRules>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        Ok(Response::new(store::rules(self.db.pool(), realm).await?.told()))
    }

    async fn change_account_rules(
        &self,
        request: Request<pb::ChangeAccountRulesRequest>,
    ) -> Result<Response<pb::AccountRules>, Status> {
        let call = Call::of(&request)?;
        let realm = realm(call.actor()?)?;
        let change = ChangeRules::parse(request.get_ref())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let rules = change_rules(&mut tx, &call, (realm, change, self.clock.now())).await?;
        Ok(tx.answer(rules.told()).await?)
    }
}
