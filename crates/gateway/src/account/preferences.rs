//! What marketing a shopper agreed to, in every store (CU-16).
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::extract::State;
use kit::failure::Violation;
use proto::identity::v1::{self as pb, ListPreferencesRequest, SetPreferencesRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::channels,
};

/// What the shopper agreed to in one store, or in stores that share their customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "customer_id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "stores": ["Corner Shop"], "consents": {"email": true},
}))]
pub struct Preference {
    /// The shopper's record there, `cus_…`.
    pub customer_id: String,
    /// Names of the stores.
    pub stores: Vec<String>,
    /// Whether marketing may be sent, by channel.
    pub consents: BTreeMap<String, bool>,
}

impl From<pb::Preferences> for Preference {
    fn from(known: pb::Preferences) -> Self {
        Self { customer_id: known.customer, stores: known.stores, consents: known.consents.into_iter().collect() }
    }
}

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preferences {
    /// The preferences.
    pub data: Vec<Preference>,
}

/// Decisions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"consents": {"email": false}}))]
pub struct Decided {
    /// By channel: `email`, `sms`, `push`, `phone`, `post`; those that are left out stay.
    #[schema(schema_with = channels)]
    pub consents: HashMap<String, bool>,
    /// The record that is meant; all of one's own without it.
    #[serde(default)]
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub customer_id: Option<String>,
}

fn told(preferences: Vec<pb::Preferences>) -> Preferences {
    Preferences { data: preferences.into_iter().map(Into::into).collect() }
}

/// One's preferences
///
/// What marketing one agreed to, in every store.
#[utoipa::path(
    get, path = "/account/v1/preferences", tag = "Preferences", operation_id = "get_preferences",
    responses((status = 200, body = Preferences))
)]
pub async fn get(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Preferences>, Problem> {
    let known = peers.shoppers().list_preferences(caller.ask(ListPreferencesRequest {})).await?;
    Ok(Answer::mapped(known, |known| told(known.preferences)))
}

/// Change one's preferences
///
/// Agrees to marketing, or withdraws that: in one store, or in all.
#[utoipa::path(
    put, path = "/account/v1/preferences", tag = "Preferences", operation_id = "set_preferences", request_body = Decided,
    responses((status = 200, body = Preferences), (status = 404, description = "`customer_not_found`: that is no record of yours."))
)]
pub async fn set(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(Decided { consents, customer_id }): Body<Decided>,
) -> Result<Answer<Preferences>, Problem> {
    if customer_id.as_deref() == Some("") {
        // To the service that would be all records.
        return Err(Violation::new("/customer_id", "malformed", "this is no id of a record").into());
    }
    let wanted = SetPreferencesRequest { consents, customer: customer_id.unwrap_or_default() };
    let known = peers.shoppers().set_preferences(caller.ask(wanted)).await?;
    Ok(Answer::mapped(known, |known| told(known.preferences)))
}
