//! Sign-out: the session ends at identity, then the browser forgets it.
use axum::{
    extract::State,
    http::HeaderMap,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use proto::identity::v1::DeletePortalSessionRequest;

use super::guest::is_signed_out;
use crate::{console::Console, cookies, problem::Problem, visit::Visit};

/// `POST /account/sign-out`. When identity cannot be told, the page says so and the session stays.
pub async fn sign_out(visit: Visit, State(console): State<Console>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(guest) = console.portal.guest(&visit, &headers).await? {
        let request = guest.sign(visit.call(DeletePortalSessionRequest {}));
        if let Err(status) = console.portal.shoppers.clone().delete_portal_session(request).await
            && !is_signed_out(&status)
        {
            return Err(status.into());
        }
    }
    let cookie = AppendHeaders([cookies::remove(cookies::PORTAL)]);
    Ok((cookie, Redirect::to("/account?why=signed_out")).into_response())
}
