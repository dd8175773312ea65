//! Photos of customers, as staff hand them in (CU-4).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::customer::Customer;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    photos::{self, PhotoForm},
    problem::Problem,
    request::{params::NoParams, upload::Upload},
    router::Gateway,
};

/// The routes about photos.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(put_customer_photo, remove_customer_photo))
}

/// Hand in a photo of a customer
///
/// JPEG, PNG, GIF or WebP, told by what it holds, in place of the one there was. `photo_url` of the customer shows it.
#[utoipa::path(
    put, path = "/admin/v1/customers/{id}/photo", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Customer),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime."),
        (status = 413, description = "`too_large`: the form is larger than any that is taken."),
        (status = 415, description = "`file_type_refused`: this is no such picture. | `unsupported_media_type`: send a form.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn put_customer_photo(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Answer<Customer>, Problem> {
    photos::put(&peers, &caller, (id, upload)).await
}

/// Take a customer's photo off
///
/// Also one that lies elsewhere: `photo_url` is empty then.
#[utoipa::path(
    delete, path = "/admin/v1/customers/{id}/photo", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 200, body = Customer),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn remove_customer_photo(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Customer>, Problem> {
    photos::remove(&peers, &caller, id).await
}
