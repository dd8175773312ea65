//! Settings of the store or network.
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::identity::v1::{self as pb, GetSettingsRequest, UpdateSettingsRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
};

/// The routes about settings.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_settings, update_settings))
}

/// Settings of a store or network.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "factor_required": true, "version": 1,
}))]
pub struct Settings {
    /// `sto_…` or `net_…`.
    pub place: String,
    /// Whether its staff need a second factor.
    pub factor_required: bool,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for Settings {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::PlaceSettings> for Settings {
    fn from(settings: pb::PlaceSettings) -> Self {
        let pb::PlaceSettings { place, factor_required, version } = settings;
        Self { place, factor_required, version }
    }
}

/// Changes to settings; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"factor_required": true}))]
pub struct SettingsChanges {
    /// Whether staff need a second factor: a matter of owners. Sessions without one end.
    #[serde(default)]
    pub factor_required: Option<bool>,
}

/// Settings
#[utoipa::path(
    get, path = "/admin/v1/settings", tag = "Organisation", responses((status = 200, body = Settings)),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn get_settings(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Settings>, Problem> {
    Ok(Answer::<Settings>::of(peers.places().get_settings(caller.ask(GetSettingsRequest {})).await?).tagged())
}

/// Change settings
#[utoipa::path(
    patch, path = "/admin/v1/settings", tag = "Organisation", request_body = SettingsChanges,
    responses(
        (status = 200, body = Settings),
        (status = 403, description = "`step_up_required`: prove first who you are. | `owners_only`: only an owner can do this. | `wrong_caller`: not by a key."),
        (status = 412, description = "`stale_version`: the settings were changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::SettingsWrite.slug()])))
)]
async fn update_settings(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(SettingsChanges { factor_required }): Body<SettingsChanges>,
) -> Result<Answer<Settings>, Problem> {
    let settings = peers.places().update_settings(caller.ask(UpdateSettingsRequest { factor_required })).await?;
    Ok(Answer::<Settings>::of(settings).tagged())
}
