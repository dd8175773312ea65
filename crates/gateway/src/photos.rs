//! Photos of customers: handed in and taken off for whoever may, and shown to whoever has the link (CU-4).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use front::download::body;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use proto::customers::v1::{PutPhotoRequest, ReadPhotoRequest, RemovePhotoRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    attachments::refusal,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{params::Params, upload::Upload},
    router::Gateway,
};

/// A form with one picture in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"file": "GIF89a"}))]
#[expect(dead_code, reason = "describes the form for the documentation")]
pub struct PhotoForm {
    /// The picture: at most 5 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

/// The route to photos.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(read_photo))
}

/// Hands a photo of `customer` in.
pub async fn put<T>(
    peers: &Peers,
    caller: &Caller,
    (customer, Upload { data, .. }): (String, Upload),
) -> Result<Answer<T>, Problem>
where
    T: From<proto::customers::v1::Customer> + Versioned,
{
    let put = peers.photos().put_photo(caller.ask(PutPhotoRequest { customer, data })).await;
    Ok(Answer::<T>::of(put.map_err(refusal)?).tagged())
}

/// Takes the photo of `customer` off.
pub async fn remove<T>(peers: &Peers, caller: &Caller, customer: String) -> Result<Answer<T>, Problem>
where
    T: From<proto::customers::v1::Customer> + Versioned,
{
    let removed = peers.photos().remove_photo(caller.ask(RemovePhotoRequest { customer })).await?;
    Ok(Answer::<T>::of(removed).tagged())
}

/// A photo of a customer
///
/// By the address that the customer's record has; nothing else is asked for, and nobody guesses it. It is dead as soon as
/// the record shows another photo, or none.
#[utoipa::path(
    get, path = "/files/photos/{id}", tag = "Files",
    params(
        ("id" = String, Path, description = "`pho_…`", example = "pho_01939b7e5d3c7a2c9d2f1e0b7c6a5d64"),
        ("signature" = String, Query, description = "What makes the link good.", example = "4a", pattern = "^[0-9a-f]{2,64}$")
    ),
    responses(
        (status = 200, description = "The photo.", content((String = "image/*", example = "JFIF"))),
        (status = 304, description = "It is as it was."),
        (status = 404, description = "`photo_not_found`: there is no such photo.")
    )
)]
async fn read_photo(
    State(peers): State<Arc<Peers>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let signature = params.text("signature");
    params.finish()?;
    let tag = format!("\"{id}\"");
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *tag);
    let request = ReadPhotoRequest { id, signature, offset: 0, length: 0 };
    let seen = peers.photos().read_photo(request.clone()).await?.into_inner();
    let read = move |offset, length| {
        let (mut photos, request) = (peers.photos(), ReadPhotoRequest { offset, length, ..request.clone() });
        async move { Ok::<_, Problem>(photos.read_photo(request).await?.into_inner().data) }
    };
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body(&(0..seen.size), read).await?.into_response()
    };
    for (name, value) in [
        (header::CONTENT_TYPE, seen.media_type.as_str()),
        (header::CONTENT_DISPOSITION, "inline"),
        // Whoever may see it asks each time, since it may be gone.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ETAG, &tag),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        let value = HeaderValue::try_from(value).map_err(|_| Problem::defect("a header of a photo"))?;
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}
