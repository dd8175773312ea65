//! Which accounts are used, unused, or suspected to be spam (AD-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::{failure::Violation, permission::Permission};
use proto::customers::v1::{
    self as pb, BeginAccountAuditRequest, GetAccountAuditRequest, ListAccountAuditsRequest, ListVerdictsRequest,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customer::Customer,
    jobs::Job,
    list_query::{Filters, Pages},
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, time},
};

/// The routes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_account_audits, begin_account_audit))
        .routes(routes!(get_account_audit))
        .routes(routes!(list_verdicts))
}

/// What was found when all accounts were looked at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "job": "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f",
    "state": "succeeded", "accounts": 200, "active": {"accounts": 150, "percent": 75.0},
    "unused": {"accounts": 40, "percent": 20.0}, "spam": {"accounts": 10, "percent": 5.0}, "quiet_days": 90,
    "threshold": 60, "created_by": "customers", "created_at": "2026-03-02T12:00:00Z", "ended_at": "2026-03-02T12:00:09Z",
}))]
pub struct AccountAudit {
    /// `acau_…`.
    pub id: String,
    /// The job that looks at them, `job_…`.
    pub job: String,
    /// Of the job: `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    pub state: String,
    /// Accounts that were looked at.
    pub accounts: i64,
    /// Those that somebody uses.
    pub active: AccountShare,
    /// Those that nobody has used since they were made.
    pub unused: AccountShare,
    /// Those that are suspected to be spam.
    pub spam: AccountShare,
    /// After how many days an account may be unused.
    pub quiet_days: i32,
    /// From which score on an account is suspected.
    pub threshold: i32,
    /// Who began it; `customers` when it was due.
    pub created_by: String,
    /// When it was begun.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Some of the accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountShare {
    /// How many.
    pub accounts: i64,
    /// How many of a hundred, to one decimal.
    pub percent: f64,
}

impl AccountShare {
    #[expect(clippy::cast_precision_loss, reason = "nobody has that many customers")]
    fn of(accounts: i64, all: i64) -> Self {
        let percent = if all == 0 { 0.0 } else { (accounts as f64 * 1_000.0 / all as f64).round() / 10.0 };
        Self { accounts, percent }
    }
}

impl From<pb::AccountAudit> for AccountAudit {
    fn from(audit: pb::AccountAudit) -> Self {
        let share = |accounts| AccountShare::of(accounts, audit.accounts);
        Self {
            active: share(audit.active),
            unused: share(audit.unused),
            spam: share(audit.spam),
            id: audit.id,
            job: audit.job,
            state: audit.state,
            accounts: audit.accounts,
            quiet_days: audit.quiet_days,
            threshold: audit.threshold,
            created_by: audit.created_by,
            created_at: time(audit.created_at),
            ended_at: time(audit.ended_at),
        }
    }
}

/// What was found of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountVerdict {
    /// Whose it is, as they are now.
    pub customer: Option<Customer>,
    /// `unused` or `spam`.
    pub kind: String,
    /// How much speaks for spam, 0 to 100.
    pub score: i32,
    /// What does.
    pub reasons: Vec<AccountReason>,
}

/// What speaks for spam.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountReason {
    /// `blocked`, `url_in_name`, `contact_in_name`, `disposable_domain`, `advert_in_name`, `mixed_scripts`,
    /// `gibberish_name`, `burst`, `small_burst` or `email_series`.
    pub code: String,
    /// What it adds to the score.
    pub weight: i32,
    /// How many accounts, where they were counted; up to 50.
    pub count: Option<i64>,
    /// The same in a sentence that names nobody.
    pub detail: String,
}

impl From<pb::Verdict> for AccountVerdict {
    fn from(verdict: pb::Verdict) -> Self {
        let reason = |reason: pb::VerdictReason| AccountReason {
            detail: detail(&reason),
            code: reason.code,
            weight: reason.weight,
            count: (reason.count > 0).then_some(reason.count),
        };
        Self {
            customer: verdict.customer.map(Into::into),
            kind: verdict.kind,
            score: verdict.score,
            reasons: verdict.reasons.into_iter().map(reason).collect(),
        }
    }
}

fn detail(reason: &pb::VerdictReason) -> String {
    let told = match reason.code.as_str() {
        "blocked" => "an entry of the block list fits",
        "url_in_name" => "the name has a web address in it",
        "contact_in_name" => "the name has an e-mail address or a telephone number in it",
        "disposable_domain" => "the e-mail address is of a domain that gives boxes away for minutes",
        "advert_in_name" => "the name advertises something",
        "mixed_scripts" => "a word of the name mixes letters of several scripts",
        "gibberish_name" => "the name was typed without looking",
        "email_series" => {
            return format!("{} e-mail addresses of a day differ by their last digits only", reason.count);
        }
        "burst" | "small_burst" => {
            return format!("{} accounts were made from one network within an hour", reason.count);
        }
        other => other,
    };
    told.to_owned()
}

/// Audits of accounts
///
/// The newest first. They are kept for 90 days.
#[utoipa::path(
    get, path = "/admin/v1/account-audits", tag = "Accounts", params(Pages),
    responses(
        (status = 200, body = List<AccountAudit>),
        (status = 403, description = "`network_membership_required`: it concerns the whole network.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn list_account_audits(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<AccountAudit>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let found = peers.account_audits().list_account_audits(caller.ask(ListAccountAuditsRequest { page })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.audits, found.page)))
}

/// Look all accounts through
///
/// As a job that can be stopped; of a customer base there is one at a time. Guests have no account.
#[utoipa::path(
    post, path = "/admin/v1/account-audits", tag = "Accounts",
    responses(
        (status = 202, body = Job, description = "It has begun; `Location` is where the job is."),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 409, description = "`account_audit_running`: the accounts are being looked through already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn begin_account_audit(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Job>, Problem> {
    let job = peers.account_audits().begin_account_audit(caller.ask(BeginAccountAuditRequest {})).await?;
    let location = format!("/admin/v1/jobs/{}", job.get_ref().id);
    Ok(Answer::<Job>::of(job).accepted(location))
}

/// An audit of accounts
#[utoipa::path(
    get, path = "/admin/v1/account-audits/{id}", tag = "Accounts",
    params(("id" = String, Path, description = "`acau_…`", example = "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f")),
    responses(
        (status = 200, body = AccountAudit),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 404, description = "`account_audit_not_found`: there is no such audit.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn get_account_audit(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<AccountAudit>, Problem> {
    Ok(Answer::of(peers.account_audits().get_account_audit(caller.ask(GetAccountAuditRequest { id })).await?))
}

/// Accounts that are unused or suspected
///
/// What an audit found, those with the highest score first; of accounts that are gone nothing is told.
#[utoipa::path(
    get, path = "/admin/v1/account-audits/{id}/verdicts", tag = "Accounts",
    params(("id" = String, Path, description = "`acau_…`", example = "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f"), Pages, Filters),
    responses(
        (status = 200, body = List<AccountVerdict>),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 404, description = "`account_audit_not_found`: there is no such audit.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug(), Permission::CustomersRead.slug()])))
)]
async fn list_verdicts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(audit): Path<String>,
    params: Params,
) -> Result<Answer<List<AccountVerdict>>, Problem> {
    let mut wanted = Wanted::read(params, &[Extra::Filters])?;
    let score = wanted.take("score", "gte").map(|score| number(&score)).transpose()?.unwrap_or_default();
    let [kind, reason] = wanted.only(["kind", "reason"])?;
    let wanted = ListVerdictsRequest { audit, kind, reason, score, page: Some(wanted.page) };
    let found = peers.account_audits().list_verdicts(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.verdicts, found.page)))
}

fn number(text: &str) -> Result<i32, Problem> {
    let number = text.parse::<i64>().map(|number| i32::try_from(number.clamp(0, 1_000)).unwrap_or_default());
    number.map_err(|_| Violation::new("/filter[score][gte]", "malformed", "this is not a whole number").into())
}
