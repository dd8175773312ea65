//! Devices that push messages go to (ID-12).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::failure::Violation;
use proto::identity::v1::{self as pb, RegisterDeviceRequest, UnregisterDeviceRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::body::Body};

/// A device to register.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"token": "fcm-registration-token", "platform": "android"}))]
pub struct NewDevice {
    /// What the push service knows it by.
    #[schema(
        min_length = 1,
        max_length = 4_096,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub token: String,
    /// `ios`, `android` or `web`; this or `os` is needed.
    #[serde(default)]
    #[schema(pattern = "^(ios|android|web)$")]
    pub platform: Option<String>,
    /// The same as `platform`.
    #[serde(default)]
    #[schema(pattern = "^(ios|android|web)$")]
    pub os: Option<String>,
}

/// A device that is registered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "OK", "device": "dev_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c"}))]
pub struct Registered {
    /// `OK`.
    pub status: &'static str,
    /// `dev_…`.
    pub device: String,
}

/// A device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "dev_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c", "platform": "android"}))]
pub struct Device {
    /// `dev_…`.
    pub id: String,
    /// `ios`, `android` or `web`.
    pub platform: String,
}

impl From<pb::Device> for Device {
    fn from(device: pb::Device) -> Self {
        Self { id: device.id, platform: device.platform }
    }
}

/// Register a device
///
/// As often as one likes; a device moves to whoever registered it last.
#[utoipa::path(
    post, path = "/storefront/v1/customers/register-device", tag = "Customers", request_body = NewDevice,
    operation_id = "register_device",
    responses((status = 200, body = Registered), (status = 403, description = "`impersonated`: not on behalf of a customer.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn register(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(NewDevice { token, platform, os }): Body<NewDevice>,
) -> Result<Answer<Registered>, Problem> {
    let platform = platform.or(os).ok_or_else(|| Violation::new("/platform", "required", "platform is required"))?;
    let device = peers.devices().register_device(caller.ask(RegisterDeviceRequest { token, platform })).await?;
    Ok(Answer::mapped(device, |device| Registered { status: "OK", device: device.id }))
}

/// Forget a device
///
/// Answers it.
#[utoipa::path(
    delete, path = "/storefront/v1/customers/devices/{id}", tag = "Customers", operation_id = "unregister_device",
    params(("id" = String, Path, description = "`dev_…`", example = "dev_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c")),
    responses(
        (status = 200, body = Device),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 404, description = "`device_not_found`: there is no such device of yours.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn unregister(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Device>, Problem> {
    Ok(Answer::of(peers.devices().unregister_device(caller.ask(UnregisterDeviceRequest { id })).await?))
}
