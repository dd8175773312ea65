//! All that is kept of a shopper, in every store (CU-15).
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::ExportShopperRequest;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    shape::{LARGEST, PersonalData},
};

/// All that is kept of a shopper.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnData {
    /// One for each record of theirs.
    pub records: Vec<PersonalData>,
}

/// One's own data
///
/// All that is kept of one, as JSON, in every store. For a quarter of an hour after signing in: later a new link is to be
/// asked for.
#[utoipa::path(
    post, path = "/account/v1/data-export", tag = "Preferences", operation_id = "export_own_data",
    responses(
        (status = 200, body = OwnData),
        (status = 403, description = "`recent_sign_in_required`: sign in with a new link first.")
    )
)]
pub async fn export(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<OwnData>, Problem> {
    let exported = peers
        .shoppers()
        .max_decoding_message_size(LARGEST)
        .export_shopper(caller.ask(ExportShopperRequest {}))
        .await?
        .into_inner();
    let records = exported.records.into_iter().map(|record| PersonalData::of(record.customer, &record.json));
    Ok(Answer::new(OwnData { records: records.collect::<Result<_, _>>()? }))
}
