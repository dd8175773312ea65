//! `GET /console/audit/access`: who may do what, and when they last did.
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use chrono_tz::Tz;
use proto::identity::v1::{self as pb, ReviewAccessRequest};

use super::query::AuditQuery;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label},
    visit::SignedIn,
};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "audit/access.html")]
pub struct Page {
    frame: Frame,
    holders: Vec<Holder>,
}

/// Somebody, or a key, who may do something.
struct Holder {
    name: String,
    email: String,
    is_key: bool,
    link: String,
    roles: String,
    ends: Option<Moment>,
    from: String,
    permissions: Vec<String>,
    last: Option<Moment>,
    deeds: Vec<(String, i64, Option<Moment>)>,
}

/// `GET /console/audit/access`.
pub async fn access(State(console): State<Console>, desk: SignedIn) -> Result<Page, Problem> {
    let review = console.audit.clone().review_access(desk.ask(ReviewAccessRequest {})).await?.into_inner();
    let holders = review.access.into_iter().map(|access| Holder::new(access, desk.session.zone)).collect();
    Ok(Page { frame: Frame::of(&desk.visit), holders })
}

impl Holder {
    fn new(access: pb::Access, zone: Tz) -> Self {
        let mut roles: Vec<_> =
            access.seats.iter().filter(|seat| !seat.role.is_empty()).map(|seat| label::words(&seat.role)).collect();
        roles.dedup();
        let mut permissions: Vec<_> = access.seats.into_iter().flat_map(|seat| seat.permissions).collect();
        permissions.sort();
        permissions.dedup();
        let deed = |deed: pb::Deed| (label::words(&deed.action), deed.times, Moment::new(deed.at.as_ref(), zone));
        Self {
            link: AuditQuery::default().of_actor(&access.id),
            name: access.name,
            email: access.email,
            is_key: access.kind == "api_key",
            ends: Moment::new(access.expires_at.as_ref(), zone),
            from: access.allowed_ips.join(", "),
            roles: roles.join(", "),
            permissions,
            last: Moment::new(access.last_at.as_ref(), zone),
            deeds: access.deeds.into_iter().map(deed).collect(),
        }
    }
}
