//! Logging in as a customer.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    denied::Denied,
    failure::Violation,
    ids::{CustomerId, RealmId, SessionId, StaffId},
    secret,
};
use proto::identity::v1::StartImpersonationRequest;

use super::{Impersonation, impersonation::LIFETIME, store};
use crate::{Error, input, session::Kind};

/// Why somebody logs in as a customer, and whom as.
#[derive(Debug)]
pub struct Plan {
    pub(super) customer: CustomerId,
    pub(super) reason: String,
    ticket: Option<String>,
}

impl Plan {
    /// The same of `customer`.
    #[must_use]
    pub fn of(self, customer: CustomerId) -> Self {
        Self { customer, ..self }
    }

    /// Reads a request, or tells all its faults.
    pub fn parse(request: &StartImpersonationRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let customer = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let reason = faults.take(input::text("/reason", &request.reason, 500));
        let ticket = faults.take(ticket(&request.ticket));
        match (reason, ticket) {
            (Some(reason), Some(ticket)) => Ok(Self { customer, reason, ticket }),
            _ => Err(faults.into()),
        }
    }
}

fn ticket(text: &str) -> Result<Option<String>, Violation> {
    if text.is_empty() { Ok(None) } else { input::text("/ticket", text, 100).map(Some) }
}

/// Opens the session; answers it with its token. The customer was found and is active; `why` is the reason, sealed.
pub async fn start_impersonation(
    tx: &mut Tx,
    (realm, plan, why): (RealmId, Plan, &[u8]),
    (staff, own): (StaffId, SessionId),
    (call, now): (&Call, DateTime<Utc>),
) -> Result<(Impersonation, String), Error> {
    let token = secret::token(Kind::Customer.prefix());
    let impersonation = Impersonation {
        id: SessionId::new(now),
        customer: plan.customer,
        staff,
        reason: plan.reason,
        ticket: plan.ticket,
        ends_at: now + LIFETIME,
    };
    let opened = store::insert(tx, &impersonation, (realm, own, &token), (call.client(), now)).await;
    // The caller's own session ended meanwhile.
    opened.map_err(|error| match error {
        Error::Kit(kit::Error::Database(cause)) => {
            kit::db::on_unique("sessions_act_session_id_fkey", || Denied::Unauthenticated.into())(cause)
        }
        error => error,
    })?;
    let entry = Entry::new("impersonation.started", ("session", impersonation.id), now)
        .because_sealed(plan.customer, why)
        .created(json!({ "ticket": impersonation.ticket, "ends_at": impersonation.ends_at.to_rfc3339() }));
    audit::record(tx, call, entry)?;
    Ok((impersonation, token))
}
