//! The RPC of refunds.
use kit::{Call, Db, audit, permission::Permission};
use proto::orders::v1::{self as pb, CreateRefundRequest, refund_service_server::RefundService};
use tonic::{Request, Response, Status};

use super::{
    Finisher, Refund, State,
    begin::{Wish, begin_refund, entry},
    store,
};
use crate::{
    error::Error,
    order::{Doer, store::hold_for},
};

/// Answers [`RefundService`].
#[derive(Clone)]
pub struct Refunds {
    /// The database.
    pub db: Db,
    /// Asks the gateways.
    pub finisher: Finisher,
}

#[tonic::async_trait]
impl RefundService for Refunds {
    async fn create_refund(&self, request: Request<CreateRefundRequest>) -> Result<Response<pb::Refund>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::OrdersRefund)?;
        let (id, wish) = Wish::parse(request.into_inner())?;
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired.into());
        }
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let mut order = hold_for(&mut tx, actor, id).await?;
        call.check_version(order.version)?;
        let doer = Doer::of(actor);
        let refund = begin_refund(&mut tx, &mut order, wish, (&doer, &self.finisher.clock)).await?;
        audit::record(&mut tx, &call, entry(&refund, &order))?;
        // The answer under the key: that it is begun. Whoever asks again does not begin another.
        let begun = tx.answer(masked(refund.clone().encode(), actor.sees_pii())).await?;
        self.finisher.finish_for(&refund).await;
        // Money may have moved: from here on nothing is an error, which would say that nothing happened.
        let (state, message) = match store::standing(self.db.pool(), &refund).await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!(error.detail = ?error, refund.id = %refund.id, "how a refund stands is not known");
                return Ok(begun);
            }
        };
        let shown = pb::Refund { message: message.unwrap_or_default(), ..Refund { state, ..refund }.encode() };
        Ok(Response::new(masked(shown, actor.sees_pii())))
    }
}

/// ID-23: what staff write may say who somebody is.
fn masked(shown: pb::Refund, clear: bool) -> pb::Refund {
    if clear { shown } else { kit::personal::redact(shown) }
}

impl State {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Refund {
    /// As the API shows it.
    #[must_use]
    pub fn encode(self) -> pb::Refund {
        pb::Refund {
            id: self.id.into(),
            order: self.order.into(),
            status: self.state.slug().to_owned(),
            shipping: Some(kit::money::Money::new(self.shipping, self.amount.currency).into()),
            amount: Some(self.amount.into()),
            lines: self.lines.into_iter().map(Into::into).collect(),
            reason: self.reason,
            message: String::new(),
            gateway: self.gateway.slug().to_owned(),
            created_at: Some(kit::clock::timestamp(self.created_at)),
        }
    }
}
