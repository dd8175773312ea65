//! One's own photo (CU-4).
use std::sync::Arc;

use axum::extract::{Path, State};

use super::{customer::Customer, profile::own};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    photos::{self, PhotoForm},
    problem::Problem,
    request::{params::NoParams, upload::Upload},
};

/// Hand in a photo of oneself
///
/// JPEG, PNG, GIF or WebP, told by what it holds, in place of the one there was. `photo_url` shows it.
#[utoipa::path(
    put, path = "/storefront/v1/customers/{id}/photo", tag = "Customers", operation_id = "put_photo",
    params(("id" = String, Path, description = "`me`, or one's own `cus_…`", pattern = "^(me|cus_[0-9a-f]{32})$", example = "me")),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`registration_required`: guests have no profile of their own. | `impersonated`: this cannot be changed on behalf of a customer."),
        (status = 404, description = "`customer_not_found`: that is somebody else."),
        (status = 412, description = "`stale_version`: the profile was changed in the meantime."),
        (status = 413, description = "`too_large`: the form is larger than any that is taken."),
        (status = 415, description = "`file_type_refused`: this is no such picture. | `unsupported_media_type`: send a form.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn put(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Answer<Customer>, Problem> {
    let own = own(&caller, &id)?;
    photos::put(&peers, &caller, (own, upload)).await
}

/// Take one's own photo off
#[utoipa::path(
    delete, path = "/storefront/v1/customers/{id}/photo", tag = "Customers", operation_id = "remove_photo",
    params(("id" = String, Path, description = "`me`, or one's own `cus_…`", pattern = "^(me|cus_[0-9a-f]{32})$", example = "me")),
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`registration_required`: guests have no profile of their own. | `impersonated`: this cannot be changed on behalf of a customer."),
        (status = 404, description = "`customer_not_found`: that is somebody else."),
        (status = 412, description = "`stale_version`: the profile was changed in the meantime.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn remove(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Customer>, Problem> {
    let own = own(&caller, &id)?;
    photos::remove(&peers, &caller, own).await
}
