//! The RPCs of the ledger.
use kit::{
    Call, Db,
    audit::{self, Entry, json},
    clock::{Clock, timestamp},
    ids::CustomerId,
    page::{self, Pager},
    permission::Permission,
    personal::redact,
    reads::Reads,
};
use proto::orders::v1::{
    self as pb, EnterTransactionRequest, ListTransactionsRequest, ListTransactionsResponse,
    transaction_service_server::TransactionService,
};
use tonic::{Request, Response, Status};

use super::{
    Type,
    enter::{Enter, enter},
    list::{self, Wanted},
};
use crate::{
    error::Error,
    order::{Doer, filter, list::Scope, store::hold_for},
};

/// Answers [`TransactionService`].
#[derive(Clone)]
pub struct Ledger {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Makes cursors.
    pub pager: Pager,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
}

#[tonic::async_trait]
impl TransactionService for Ledger {
    async fn list_transactions(
        &self,
        request: Request<ListTransactionsRequest>,
    ) -> Result<Response<ListTransactionsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersRead)?;
        let request = request.into_inner();
        let customer = Some(&*request.customer).filter(|customer| !customer.is_empty());
        let customer = customer.map(str::parse::<CustomerId>).transpose().map_err(|_| Error::CustomerNotFound)?;
        let filter = filter::parse(request.filter.as_ref(), list::FIELDS).map_err(Error::from)?;
        let scope = Scope { realm: actor.realm()?, store: actor.store, customer };
        let wanted = Wanted { scope, filter };
        let context = format!("transactions {wanted:?}");
        let page = self.pager.read(request.page.as_ref(), &context).map_err(Error::from)?;
        let mut db = self.db.pool().acquire().await.map_err(Error::from)?;
        let found = list::page(&mut *db, &wanted, &page).await?;
        let (found, mut shown) = self.pager.finish(&page, found, &context, list::key);
        let mut sums = Vec::new();
        if page.total {
            let count = list::count(&mut *db, &wanted).await?;
            shown.total = page::total(count);
            // As far as is counted: of more, a narrower filter tells.
            if count <= page::COUNT_CAP {
                let totals = list::sums(&mut *db, &wanted).await?;
                sums = totals.into_iter().map(list::Total::encode).collect::<Result<_, _>>()?;
            }
        }
        db.finish();
        self.reads.note(&call, found.iter().map(|row| row.customer_id));
        let shows = |entry| if actor.sees_pii() { entry } else { redact(entry) };
        let entries = found.into_iter().map(|row| row.encode().map(shows)).collect::<Result<_, _>>()?;
        Ok(Response::new(ListTransactionsResponse { transactions: entries, page: Some(shown), sums }))
    }

    async fn enter_transaction(
        &self,
        request: Request<EnterTransactionRequest>,
    ) -> Result<Response<pb::Transaction>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::TransactionsWrite)?;
        let (id, input) = Enter::parse(&request.into_inner(), &call.client().ip)?;
        if input.kind == Type::Refund {
            actor.require(Permission::OrdersRefund)?;
        }
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired.into());
        }
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let mut order = hold_for(&mut tx, actor, id).await?;
        call.check_version(order.version)?;
        let (doer, now, told) = (Doer::of(actor), self.clock.now(), input.clone());
        let entry = enter(&mut tx, &mut order, input, (&doer, now)).await?;
        let manual = told.manual;
        let after = json!({
            "transaction": entry.id.to_string(), "type": told.kind.slug(), "amount": told.amount,
            "currency": told.currency, "method": manual.method.slug(),
        });
        let audited = Entry::new("transaction.entered", ("order", order.id), now).about(order.customer);
        audit::record(&mut tx, &call, audited.because(&manual.reason).created(after))?;
        let shown = pb::Transaction {
            id: entry.id.into(),
            order: order.id.into(),
            r#type: told.kind.slug().to_owned(),
            status: "succeeded".to_owned(),
            amount: Some(order.totals.money(told.amount).into()),
            gateway: "manual".to_owned(),
            reference: manual.reference,
            description: manual.method.sentence().to_owned(),
            ip: manual.ip,
            created_at: Some(timestamp(now)),
            method: manual.method.slug().to_owned(),
            reason: manual.reason,
        };
        Ok(tx.answer(if actor.sees_pii() { shown } else { redact(shown) }).await?)
    }
}
