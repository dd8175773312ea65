//! Saved addresses, as staff and customers see them (CU-9).
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Address, time};
use crate::answer::Versioned;

/// A saved address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "adr_01939b7e5d3c7a2c9d2f1e0b7c6a5d48", "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin",
    "postal_code": "10969", "country": "DE", "residential": true, "default_billing": true, "default_shipping": true,
    "label": ["Jane Doe", "Lindenstraße 9", "10969 Berlin", "GERMANY"],
    "address": "Lindenstraße 9, 10969 Berlin, DE", "version": 1, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct SavedAddress {
    /// `adr_…`.
    pub id: String,
    #[serde(flatten)]
    #[schema(inline)]
    pub parts: Address,
    /// Whether somebody lives there; a business otherwise.
    pub residential: bool,
    /// Whether bills go there.
    pub default_billing: bool,
    /// Whether parcels go there: the same one as for bills, or another.
    pub default_shipping: bool,
    /// The lines of the label, in the order of the country.
    pub label: Vec<String>,
    /// The same in one line.
    pub address: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

impl Versioned for SavedAddress {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::SavedAddress> for SavedAddress {
    fn from(saved: pb::SavedAddress) -> Self {
        let parts: Address = saved.address.map(Into::into).unwrap_or_default();
        Self {
            id: saved.id,
            address: parts.line(),
            parts,
            residential: saved.residential,
            default_billing: saved.default_billing,
            default_shipping: saved.default_shipping,
            label: saved.label,
            version: saved.version,
            created_at: time(saved.created_at),
            updated_at: time(saved.updated_at),
            redacted: saved.redacted,
        }
    }
}
