//! Removing accounts that were ticked, or all of a kind: what it means is said, and confirmed, before it is done (AD-3).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, permission::Permission, secret};
use proto::customers::v1::{BeginCleanupRequest, CleanupChoice};

use super::accounts::{PATH, Row};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::label,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

#[derive(Template, WebTemplate)]
#[template(path = "customers/cleanup.html")]
struct Page {
    frame: Frame,
    choice: CleanupChoice,
    count: String,
    /// How many for which reason.
    reasons: Vec<(String, i64)>,
    rows: Vec<Row>,
    /// Whether the reader may keep addresses out.
    blocks: bool,
    key: String,
    failure: String,
}

fn chosen(fields: &Fields) -> CleanupChoice {
    let ids = if fields.text("whom") == "all" { Vec::new() } else { fields.all("ids") };
    CleanupChoice { audit: fields.text("audit"), kind: fields.text("kind"), ids, except: Vec::new() }
}

async fn page(console: &Console, desk: &SignedIn, fields: &Fields, failure: String) -> Result<Response, Problem> {
    let choice = chosen(fields);
    if choice.ids.is_empty() && fields.text("whom") != "all" {
        return Ok(Redirect::to(&format!("{PATH}?kind={}", if choice.kind == "unused" { "unused" } else { "spam" }))
            .into_response());
    }
    let preview = console.account_cleanups.clone().preview_cleanup(desk.ask(choice.clone())).await?.into_inner();
    let mut reasons: Vec<_> = preview.reasons.iter().map(|(code, count)| (label::words(code), *count)).collect();
    reasons.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    let page = Page {
        frame: Frame::of(&desk.visit),
        choice,
        count: label::count(&preview.accounts.to_string()),
        reasons,
        rows: preview.verdicts.into_iter().map(Into::into).collect(),
        blocks: desk.session.may(Permission::BlocksWrite),
        key: secret::token("cleanup"),
        failure,
    };
    Ok(page.into_response())
}

/// `POST /console/customers/accounts/ask`: says what it would do.
pub async fn ask(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    page(&console, &desk, &Fields::read(&body), String::new()).await
}

/// `POST /console/customers/accounts/clean`: does it.
pub async fn clean(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let request = BeginCleanupRequest {
        choice: Some(chosen(&fields)),
        confirm: fields.text("confirm").trim().replace(',', "").parse().unwrap_or_default(),
        reason: fields.text("reason"),
        block_emails: !fields.text("block_emails").is_empty(),
        block_domains: !fields.text("block_domains").is_empty(),
        block_days: fields.text("block_days").trim().parse().unwrap_or_default(),
    };
    match console.account_cleanups.clone().begin_cleanup(once((&fields.text("key"), &body), desk.ask(request))).await {
        Ok(job) => {
            let job: JobId = job.into_inner().id.parse().map_err(|_| Problem::not_found())?;
            Ok(Redirect::to(&format!("/console/jobs/{job}")).into_response())
        }
        Err(status) => page(&console, &desk, &fields, complaint(status)?).await,
    }
}
