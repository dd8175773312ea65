//! `GET /console/customers/accounts`: which accounts are used, unused or suspected to be spam, when that is looked at, and
//! choosing some to remove (AD-2).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, permission::Permission};
use proto::{
    base::v1::PageRequest,
    customers::v1::{
        AccountAudit, AccountRules, BeginAccountAuditRequest, ChangeAccountRulesRequest, GetAccountRulesRequest,
        ListAccountAuditsRequest, ListVerdictsRequest, Verdict,
    },
};
use serde::Deserialize;

use super::row::title;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

/// The address of the page.
pub const PATH: &str = "/console/customers/accounts";
/// Rows of a page.
const ROWS: u32 = 25;
/// When accounts may be looked through, in words.
const SCHEDULES: [(&str, &str); 3] = [("off", "Only when asked"), ("weekly", "Every week"), ("monthly", "Every month")];

/// Which accounts.
#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

/// When accounts are looked through.
#[derive(Deserialize)]
pub struct Schedule {
    schedule: String,
}

/// An account that something was found of.
pub struct Row {
    pub id: String,
    pub title: String,
    pub email: String,
    pub score: i32,
    pub reasons: Vec<String>,
}

impl From<Verdict> for Row {
    fn from(verdict: Verdict) -> Self {
        let customer = verdict.customer.unwrap_or_default();
        let reasons = verdict.reasons.into_iter().map(|reason| match reason.count {
            0 => format!("{} (+{})", label::words(&reason.code), reason.weight),
            count => format!("{} of {count} (+{})", label::words(&reason.code), reason.weight),
        });
        Self {
            title: title(&customer),
            score: verdict.score,
            reasons: reasons.collect(),
            email: customer.email,
            id: customer.id,
        }
    }
}

/// A share of the accounts, with a bar.
struct Bar {
    title: &'static str,
    number: String,
    percent: i64,
    class: &'static str,
}

/// The newest audit.
struct Shown {
    id: String,
    job: String,
    state: Badge,
    at: Option<Moment>,
    runs: bool,
    is_whole: bool,
    accounts: String,
    bars: Vec<Bar>,
}

impl Shown {
    fn new(audit: AccountAudit, desk: &SignedIn) -> Self {
        let bar = |title, accounts: i64, class| {
            let percent = (accounts * 100 + audit.accounts / 2).checked_div(audit.accounts).unwrap_or(0);
            Bar { title, number: label::count(&accounts.to_string()), percent, class }
        };
        Self {
            bars: vec![
                bar("Active", audit.active, "active"),
                bar("Unused", audit.unused, "cooling"),
                bar("Suspected spam", audit.spam, "silent"),
            ],
            state: Badge::new(&audit.state),
            at: Moment::new(audit.created_at.as_ref(), desk.session.zone),
            runs: audit.ended_at.is_none(),
            is_whole: audit.state == "succeeded",
            accounts: label::count(&audit.accounts.to_string()),
            job: audit.job,
            id: audit.id,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/accounts.html")]
struct Page {
    frame: Frame,
    audit: Option<Shown>,
    rules: AccountRules,
    due: Option<Moment>,
    schedules: [(&'static str, &'static str); 3],
    kind: &'static str,
    rows: Vec<Row>,
    previous: String,
    next: String,
    /// Whether the reader may see whose accounts they are.
    reads: bool,
    failure: String,
}

async fn page(console: &Console, desk: &SignedIn, place: Place, failure: String) -> Result<Response, Problem> {
    let first = Some(PageRequest { limit: 1, ..PageRequest::default() });
    let newest = desk.ask(ListAccountAuditsRequest { page: first });
    let audit = console.account_audits.clone().list_account_audits(newest).await?.into_inner().audits.pop();
    let rules =
        console.account_audits.clone().get_account_rules(desk.ask(GetAccountRulesRequest {})).await?.into_inner();
    let kind = if place.kind == "unused" { "unused" } else { "spam" };
    let reads = desk.session.may(Permission::CustomersRead);
    let (mut rows, mut at) = (Vec::new(), proto::base::v1::Page::default());
    if let Some(audit) = audit.as_ref().filter(|_| reads) {
        let Place { after, before, .. } = place;
        let page = Some(PageRequest { limit: ROWS, after, before, total: false });
        let (audit, kind) = (audit.id.clone(), kind.to_owned());
        let wanted = ListVerdictsRequest { audit, kind, page, ..ListVerdictsRequest::default() };
        let found = console.account_audits.clone().list_verdicts(desk.ask(wanted)).await?.into_inner();
        rows = found.verdicts.into_iter().map(Into::into).collect();
        at = found.page.unwrap_or_default();
    }
    let page = Page {
        frame: Frame::of(&desk.visit),
        audit: audit.map(|audit| Shown::new(audit, desk)),
        due: Moment::new(rules.next_at.as_ref(), desk.session.zone),
        schedules: SCHEDULES,
        rules,
        kind,
        rows,
        previous: at.prev,
        next: at.next,
        reads,
        failure,
    };
    Ok(page.into_response())
}

/// `GET /console/customers/accounts`.
pub async fn show(
    State(console): State<Console>,
    desk: SignedIn,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    page(&console, &desk, place, String::new()).await
}

fn nowhere() -> Place {
    Place { kind: String::new(), after: String::new(), before: String::new() }
}

/// `POST /console/customers/accounts/run`: looks at all of them now.
pub async fn run(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    match console.account_audits.clone().begin_account_audit(desk.ask(BeginAccountAuditRequest {})).await {
        Ok(job) => {
            let job: JobId = job.into_inner().id.parse().map_err(|_| Problem::not_found())?;
            Ok(Redirect::to(&format!("/console/jobs/{job}")).into_response())
        }
        Err(status) => page(&console, &desk, nowhere(), complaint(status)?).await,
    }
}

/// `POST /console/customers/accounts/schedule`.
pub async fn schedule(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Schedule { schedule }): Form<Schedule>,
) -> Result<Response, Problem> {
    let change = ChangeAccountRulesRequest { schedule: Some(schedule), ..ChangeAccountRulesRequest::default() };
    match console.account_audits.clone().change_account_rules(desk.ask(change)).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(status) => page(&console, &desk, nowhere(), complaint(status)?).await,
    }
}
