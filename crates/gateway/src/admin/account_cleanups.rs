//! Clean-up of accounts that an audit found, and the rules by which it finds them (AD-3).
use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::customers::v1::{
    self as pb, BeginCleanupRequest, ChangeAccountRulesRequest, CleanupChoice, GetAccountRulesRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{account_audits::AccountVerdict, jobs::Job};
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::time,
};

/// The routes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(preview_cleanup))
        .routes(routes!(begin_cleanup))
        .routes(routes!(get_account_rules, change_account_rules))
}

/// Up to 10,000 customers.
fn ids() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^cus_[0-9a-f]{32}$"));
    ArrayBuilder::new().items(id).max_items(Some(10_000)).build()
}

/// Which of the accounts that an audit found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"audit": "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "kind": "unused"}))]
pub struct AccountChoice {
    /// The audit, `acau_…`.
    #[schema(pattern = "^acau_[0-9a-f]{32}$")]
    pub audit: String,
    /// `unused` or `spam`.
    #[schema(pattern = "^(unused|spam)$")]
    pub kind: String,
    /// These; all without any.
    #[serde(default)]
    #[schema(schema_with = ids)]
    pub ids: Vec<String>,
    /// All but these.
    #[serde(default)]
    #[schema(schema_with = ids)]
    pub except: Vec<String>,
}

impl From<AccountChoice> for CleanupChoice {
    fn from(choice: AccountChoice) -> Self {
        let AccountChoice { audit, kind, ids, except } = choice;
        Self { audit, kind, ids, except }
    }
}

/// Whom a clean-up would concern.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"accounts": 2, "reasons": {"disposable_domain": 2}, "data": []}))]
pub struct CleanupPreview {
    /// How many accounts: what is to be typed to confirm.
    pub accounts: i64,
    /// How many of them for which reason.
    pub reasons: BTreeMap<String, i64>,
    /// Some of them, those with the highest score first.
    pub data: Vec<AccountVerdict>,
}

impl From<pb::CleanupPreview> for CleanupPreview {
    fn from(preview: pb::CleanupPreview) -> Self {
        let data = preview.verdicts.into_iter().map(Into::into).collect();
        Self { accounts: preview.accounts, reasons: preview.reasons.into_iter().collect(), data }
    }
}

/// A clean-up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "audit": "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "kind": "spam", "confirm": 2, "reason": "Registered by a script.",
    "block": {"emails": true, "domains": false, "days": 365},
}))]
pub struct AccountCleanup {
    /// The audit, `acau_…`.
    #[schema(pattern = "^acau_[0-9a-f]{32}$")]
    pub audit: String,
    /// `unused` or `spam`.
    #[schema(pattern = "^(unused|spam)$")]
    pub kind: String,
    /// These; all without any.
    #[serde(default)]
    #[schema(schema_with = ids)]
    pub ids: Vec<String>,
    /// All but these.
    #[serde(default)]
    #[schema(schema_with = ids)]
    pub except: Vec<String>,
    /// How many accounts it concerns.
    #[schema(minimum = 1, maximum = 100_000)]
    pub confirm: i64,
    /// Why, for the audit; it is kept for ever, so it must not name anybody.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// What is kept out from then on; it needs `blocks.write`.
    #[serde(default)]
    pub block: Option<AccountBlocking>,
}

/// What is kept out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBlocking {
    /// The e-mail addresses.
    #[serde(default)]
    pub emails: bool,
    /// Their domains, but for those of large mail providers and those where other customers are; only with `spam`.
    #[serde(default)]
    pub domains: bool,
    /// For how many days; 0 for ever.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 3650)]
    pub days: i32,
}

impl From<AccountCleanup> for BeginCleanupRequest {
    fn from(cleanup: AccountCleanup) -> Self {
        let AccountCleanup { audit, kind, ids, except, confirm, reason, block } = cleanup;
        let block = block.unwrap_or_default();
        Self {
            choice: Some(CleanupChoice { audit, kind, ids, except }),
            confirm,
            reason,
            block_emails: block.emails,
            block_domains: block.domains,
            block_days: block.days,
        }
    }
}

/// How accounts are judged, and when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "schedule": "weekly", "next_at": "2026-03-09T12:00:00Z", "quiet_days": 90, "threshold": 60,
    "registrations": "flag", "registration_score": 80, "version": 2,
}))]
pub struct AccountRules {
    /// When accounts are looked through by themselves: `off`, `weekly` or `monthly`.
    pub schedule: String,
    /// When the next time is.
    pub next_at: Option<DateTime<Utc>>,
    /// After how many days an account may be unused.
    pub quiet_days: i32,
    /// From which score on an account is suspected.
    pub threshold: i32,
    /// What is done about registrations that look like spam: `off` for nothing, `flag` tags them `suspected-spam`, `refuse`
    /// makes no account.
    pub registrations: String,
    /// From which score on.
    pub registration_score: i32,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for AccountRules {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::AccountRules> for AccountRules {
    fn from(rules: pb::AccountRules) -> Self {
        Self {
            schedule: rules.schedule,
            next_at: time(rules.next_at),
            quiet_days: rules.quiet_days,
            threshold: rules.threshold,
            registrations: rules.registrations,
            registration_score: rules.registration_score,
            version: rules.version,
        }
    }
}

/// Changes to the rules; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"schedule": "weekly"}))]
pub struct AccountRulesChanges {
    /// `off`, `weekly` or `monthly`, from now on.
    #[serde(default)]
    #[schema(pattern = "^(off|weekly|monthly)$")]
    pub schedule: Option<String>,
    /// After how many days an account may be unused.
    #[serde(default)]
    #[schema(minimum = 30, maximum = 3650)]
    pub quiet_days: Option<i32>,
    /// From which score on an account is suspected.
    #[serde(default)]
    #[schema(minimum = 50, maximum = 100)]
    pub threshold: Option<i32>,
    /// `off`, `flag` or `refuse`: what is done about registrations that look like spam.
    #[serde(default)]
    #[schema(pattern = "^(off|flag|refuse)$")]
    pub registrations: Option<String>,
    /// From which score on.
    #[serde(default)]
    #[schema(minimum = 50, maximum = 100)]
    pub registration_score: Option<i32>,
}

/// See whom a clean-up would concern
///
/// Nothing is done.
#[utoipa::path(
    post, path = "/admin/v1/account-cleanups/preview", tag = "Accounts", request_body = AccountChoice,
    responses(
        (status = 200, body = CleanupPreview),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 404, description = "`account_audit_not_found`: there is no such audit.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug(), Permission::CustomersRead.slug()])))
)]
async fn preview_cleanup(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(choice): Body<AccountChoice>,
) -> Result<Answer<CleanupPreview>, Problem> {
    let choice = CleanupChoice::from(choice);
    Ok(Answer::of(peers.account_cleanups().preview_cleanup(caller.ask(choice)).await?))
}

/// Remove accounts
///
/// As a job: each account is judged anew when it is its turn, and erased if it still is what it was found to be. Whoever has
/// ordered, has begun to, or was there within the last hour stays. The report tells what became of each, and is kept for a
/// year.
#[utoipa::path(
    post, path = "/admin/v1/account-cleanups", tag = "Accounts", request_body = AccountCleanup,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-cleanup-1042")),
    responses(
        (status = 202, body = Job, description = "It has begun; `Location` is where the job is."),
        (status = 403, description = "`network_membership_required`: it concerns the whole network. | `step_up_required`: prove first who you are, with the second factor. | `wrong_caller`: keys prove nothing anew."),
        (status = 404, description = "`account_audit_not_found`: there is no such audit."),
        (status = 409, description = "`account_audit_unfinished`: this audit has not come to its end."),
        (status = 422, description = "`confirmation_mismatch`: confirm with the number of accounts concerned. | `too_many_customers`: it concerns more than 100,000. | `too_many_jobs`: ten jobs are waiting already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn begin_cleanup(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(cleanup): Body<AccountCleanup>,
) -> Result<Answer<Job>, Problem> {
    let cleanup = BeginCleanupRequest::from(cleanup);
    let job = peers.account_cleanups().begin_cleanup(caller.ask(cleanup)).await?;
    let location = format!("/admin/v1/jobs/{}", job.get_ref().id);
    Ok(Answer::<Job>::of(job).accepted(location))
}

/// How accounts are judged
#[utoipa::path(
    get, path = "/admin/v1/account-rules", tag = "Accounts",
    responses(
        (status = 200, body = AccountRules),
        (status = 403, description = "`network_membership_required`: it concerns the whole network.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn get_account_rules(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<AccountRules>, Problem> {
    let rules = peers.account_audits().get_account_rules(caller.ask(GetAccountRulesRequest {})).await?;
    Ok(Answer::<AccountRules>::of(rules).tagged())
}

/// Change how accounts are judged
///
/// It holds from the next audit and the next registration on.
#[utoipa::path(
    patch, path = "/admin/v1/account-rules", tag = "Accounts", request_body = AccountRulesChanges,
    responses(
        (status = 200, body = AccountRules),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 412, description = "`stale_version`: the rules were changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersCleanup.slug()])))
)]
async fn change_account_rules(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(changes): Body<AccountRulesChanges>,
) -> Result<Answer<AccountRules>, Problem> {
    let AccountRulesChanges { schedule, quiet_days, threshold, registrations, registration_score } = changes;
    let changes = ChangeAccountRulesRequest { schedule, quiet_days, threshold, registrations, registration_score };
    let rules = peers.account_audits().change_account_rules(caller.ask(changes)).await?;
    Ok(Answer::<AccountRules>::of(rules).tagged())
}
