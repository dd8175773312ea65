//! Registering a device, as often as one likes.
use kit::{Tx, failure::Violation, secret::Secrets};
use proto::identity::v1::RegisterDeviceRequest;

use super::{
    device::{self, Device, Platform},
    store::{self, Entry},
};
use crate::{Error, account::Own, input};

/// A device to register.
#[derive(Debug)]
pub struct RegisterDevice {
    platform: Platform,
    token: String,
}

impl RegisterDevice {
    /// Reads a request.
    pub fn parse(request: &RegisterDeviceRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let platform: Result<_, Violation> = Platform::parse(&request.platform);
        match (faults.take(platform), faults.take(device::token(&request.token))) {
            (Some(platform), Some(token)) => Ok(Self { platform, token }),
            _ => Err(faults.into()),
        }
    }
}

/// Registers the device for its newest owner.
pub async fn register_device(
    tx: &mut Tx,
    own: Own,
    input: &RegisterDevice,
    (secrets, now): (&Secrets, chrono::DateTime<chrono::Utc>),
) -> Result<Device, Error> {
    let RegisterDevice { platform, token } = input;
    store::put(tx, &Entry { realm: own.realm, customer: own.customer, platform: *platform, token, now }, secrets).await
}
