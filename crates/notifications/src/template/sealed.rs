//! Secret values of a message at rest (PL-7).
use std::collections::BTreeMap;

use kit::{ids::MessageId, secret::Secrets};

use crate::message::Trouble;

const PURPOSE: &str = "message-secrets";

/// Seals `values` for the message `id` alone.
#[must_use]
pub fn seal(secrets: &Secrets, id: MessageId, values: &BTreeMap<String, String>) -> Vec<u8> {
    let plain = serde_json::to_vec(values).unwrap_or_default(); // texts only: cannot fail
    secrets.seal(PURPOSE, id.uuid().as_bytes(), &plain)
}

/// Opens what [`seal`] made; no values when there are none.
pub fn open(secrets: &Secrets, id: MessageId, sealed: Option<&[u8]>) -> Result<BTreeMap<String, String>, Trouble> {
    let Some(sealed) = sealed else { return Ok(BTreeMap::new()) };
    let plain = secrets.open(PURPOSE, id.uuid().as_bytes(), sealed).map_err(|_| Trouble::Lasting("unsealable"))?;
    serde_json::from_slice(&plain).map_err(|_| Trouble::Lasting("unsealable"))
}
