//! How a customer signs in, as staff see and manage it (CU-8).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::identity::v1::{
    self as pb, EndCustomerSessionsRequest, GetCustomerSignInRequest, SendPasswordResetRequest, UnlockCustomerRequest,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    router::Gateway,
    shape::{text, time},
};

/// The routes about signing in.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(get_customer_sign_in, end_customer_sessions))
        .routes(routes!(end_customer_session))
        .routes(routes!(send_password_reset))
        .routes(routes!(unlock_customer))
}

/// How a customer signs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "registered": true, "methods": ["password", "email"], "email_proved": true, "registered_at": "2026-03-01T12:00:00Z",
    "last_login_at": "2026-03-02T12:00:00Z", "locked_until": null,
    "sessions": [{
        "id": "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b", "methods": ["password"], "created_at": "2026-03-02T12:00:00Z",
        "last_used_at": "2026-03-02T12:00:00Z", "expires_at": "2026-05-31T12:00:00Z", "ip": "192.0.2.1",
        "user_agent": "Mozilla/5.0",
    }],
    "redacted": [],
}))]
pub struct CustomerSignIn {
    /// Whether there is an account; a guest has none.
    pub registered: bool,
    /// What signs in: `password`, `phone`, `google`, `apple`, `facebook`; `email` is a code or link to the proved address.
    pub methods: Vec<String>,
    /// Whether the e-mail address was proved since it is the one.
    pub email_proved: bool,
    /// When the account was made.
    pub registered_at: Option<DateTime<Utc>>,
    /// When they last signed in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Until when a next try of the password waits, after too many that were wrong.
    pub locked_until: Option<DateTime<Utc>>,
    /// Open sessions, newest first.
    pub sessions: Vec<SessionOfCustomer>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// An open session of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOfCustomer {
    /// `ses_…`.
    pub id: String,
    /// How it was opened.
    pub methods: Vec<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it ends unless it is used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Network address it was opened from.
    pub ip: Option<String>,
    /// User agent it was opened with.
    pub user_agent: Option<String>,
}

impl From<pb::Session> for SessionOfCustomer {
    fn from(session: pb::Session) -> Self {
        Self {
            id: session.id,
            methods: session.methods,
            created_at: time(session.opened_at),
            last_used_at: time(session.used_at),
            expires_at: time(session.expires_at),
            ip: text(session.ip),
            user_agent: text(session.agent),
        }
    }
}

impl From<pb::CustomerSignIn> for CustomerSignIn {
    fn from(seen: pb::CustomerSignIn) -> Self {
        Self {
            registered: seen.registered,
            methods: seen.methods,
            email_proved: seen.email_proved,
            registered_at: time(seen.registered_at),
            last_login_at: time(seen.last_login_at),
            locked_until: time(seen.locked_until),
            sessions: seen.sessions.into_iter().map(Into::into).collect(),
            redacted: seen.redacted,
        }
    }
}

/// How a customer signs in
///
/// Methods, last sign-in and open sessions. Network addresses are masked without `customers.pii`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/sessions", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = CustomerSignIn), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_customer_sign_in(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<Answer<CustomerSignIn>, Problem> {
    let seen =
        peers.customer_sign_ins().get_customer_sign_in(caller.ask(GetCustomerSignInRequest { customer })).await?;
    Ok(Answer::of(seen))
}

async fn end(
    (peers, desk): (&Peers, &Desk),
    caller: &Caller,
    wanted: EndCustomerSessionsRequest,
) -> Result<StatusCode, Problem> {
    let ended = peers.customer_sign_ins().end_customer_sessions(caller.ask(wanted)).await?.into_inner();
    ended.sessions.iter().for_each(|session| desk.revoke(session));
    Ok(StatusCode::NO_CONTENT)
}

/// End all sessions of a customer
#[utoipa::path(
    delete, path = "/admin/v1/customers/{id}/sessions", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 204, description = "They have ended."),
        (status = 404, description = "`customer_not_found`: there is no such customer.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn end_customer_sessions(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<StatusCode, Problem> {
    end((&peers, &desk), &caller, EndCustomerSessionsRequest { customer, session: String::new() }).await
}

/// End a session of a customer
#[utoipa::path(
    delete, path = "/admin/v1/customers/{id}/sessions/{session}", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("session" = String, Path, description = "`ses_…`", example = "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b")
    ),
    responses(
        (status = 204, description = "It has ended."),
        (status = 404, description = "`customer_not_found`, `session_not_found`: there is no such customer or session.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn end_customer_session(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path((customer, session)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    end((&peers, &desk), &caller, EndCustomerSessionsRequest { customer, session }).await
}

/// Send the mail that sets a password anew
///
/// To the address, or else the number, that signs the customer in.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/password-reset", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 204, description = "It is on its way."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (
            status = 422,
            description = "`not_registered`, `not_reachable`, `customer_inactive`: there is no account, no address that signs in to it, or no open door."
        ),
        (status = 429, description = "`too_many_attempts`: they were sent several just now.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn send_password_reset(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.customer_sign_ins().send_password_reset(caller.ask(SendPasswordResetRequest { customer })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forget failed tries of a customer's password
///
/// The next one need not wait.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/unlock", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 204, description = "They are forgotten."),
        (status = 404, description = "`customer_not_found`: there is no such customer.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn unlock_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.customer_sign_ins().unlock_customer(caller.ask(UnlockCustomerRequest { customer })).await?;
    Ok(StatusCode::NO_CONTENT)
}
