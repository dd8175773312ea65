//! How one gateway is set up.
use chrono::{DateTime, Utc};
use kit::{clock::timestamp, ids::StoreId};
use proto::orders::v1 as pb;
use serde_json::{Value, json};

use crate::payment::Gateway;

/// How a store has set up a gateway.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GatewaySetting {
    /// Whose.
    #[sqlx(rename = "store_id")]
    pub store: StoreId,
    /// Which.
    pub gateway: Gateway,
    /// Whether shoppers may pay by it, if it works at all.
    pub enabled: bool,
    /// Whether its keys move real money.
    pub live: bool,
    /// What shop fronts may show to anybody.
    pub publishable_key: String,
    /// Sealed.
    pub secret_key: Option<Vec<u8>>,
    /// Its last letters.
    pub key_ending: String,
    /// Sealed.
    pub webhook_secret: Option<Vec<u8>>,
    /// Grows with every change; 0 before the first.
    pub version: i64,
    /// Who changed it last: kind and id.
    pub updated_by: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

impl GatewaySetting {
    /// As it is before anybody has changed it: what needs no keys is on.
    #[must_use]
    pub fn usual(store: StoreId, gateway: Gateway) -> Self {
        Self {
            store,
            gateway,
            enabled: gateway != Gateway::Stripe,
            live: false,
            publishable_key: String::new(),
            secret_key: None,
            key_ending: String::new(),
            webhook_secret: None,
            version: 0,
            updated_by: String::new(),
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    /// All gateways of `store`, of which `changed` are not as usual. Where real money is taken, nobody pays by the one that
    /// is for trying things out.
    #[must_use]
    pub fn all(store: StoreId, changed: &[Self]) -> Vec<Self> {
        let one = |gateway| changed.iter().find(|one| one.gateway == gateway).cloned();
        let is_real = changed.iter().any(|one| one.live && one.is_open());
        let one = |gateway| {
            let setting = one(gateway).unwrap_or_else(|| Self::usual(store, gateway));
            Self { enabled: setting.enabled && !(is_real && gateway == Gateway::Test), ..setting }
        };
        Gateway::ALL.map(one).to_vec()
    }

    /// Whether shoppers may pay by it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.enabled && (!matches!(self.gateway, Gateway::Stripe) || self.secret_key.is_some())
    }

    /// As the audit shows it: nothing that is secret.
    #[must_use]
    pub fn audited(&self) -> Value {
        json!({
            "enabled": self.enabled, "publishable_key": self.publishable_key, "key_ending": self.key_ending,
            "webhooks": self.webhook_secret.is_some(),
        })
    }

    /// As staff see it, in a house at the address `public`.
    #[must_use]
    pub fn encode(self, public: &str) -> pb::Gateway {
        let is_stripe = self.gateway == Gateway::Stripe;
        pb::Gateway {
            gateway: self.gateway.slug().to_owned(),
            enabled: self.is_open(),
            abilities: self.gateway.abilities().iter().map(ToString::to_string).collect(),
            publishable_key: self.publishable_key,
            key_ending: self.key_ending,
            webhooks: self.webhook_secret.is_some(),
            webhook_url: if is_stripe { format!("{public}/hooks/stripe/{}", self.store) } else { String::new() },
            version: self.version,
            updated_at: (self.version > 0).then(|| timestamp(self.updated_at)),
        }
    }

    /// As shoppers see it.
    #[must_use]
    pub fn shown(self) -> pb::OpenGateway {
        pb::OpenGateway {
            gateway: self.gateway.slug().to_owned(),
            abilities: self.gateway.abilities().iter().map(ToString::to_string).collect(),
            publishable_key: self.publishable_key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-3: what needs no keys is there at once and can be switched off; `stripe` is there once it has a key.
    #[test]
    fn gateways_that_are_open() {
        let store = StoreId::from_uuid(uuid::Uuid::from_u128(7));
        let open = |changed: &[GatewaySetting]| -> Vec<&'static str> {
            GatewaySetting::all(store, changed)
                .iter()
                .filter(|one| one.is_open())
                .map(|one| one.gateway.slug())
                .collect()
        };
        assert_eq!(open(&[]), ["manual", "test"]);
        let stripe = GatewaySetting { enabled: true, ..GatewaySetting::usual(store, Gateway::Stripe) };
        assert_eq!(open(std::slice::from_ref(&stripe)), ["manual", "test"]);
        let off = GatewaySetting { enabled: false, ..GatewaySetting::usual(store, Gateway::Test) };
        let keyed = GatewaySetting { secret_key: Some(vec![1]), ..stripe };
        assert_eq!(open(&[keyed.clone(), off]), ["manual", "stripe"]);
        assert_eq!(open(std::slice::from_ref(&keyed)), ["manual", "stripe", "test"]);
        let real = GatewaySetting { live: true, ..keyed };
        assert_eq!(open(std::slice::from_ref(&real)), ["manual", "stripe"], "nobody pays by what moves no money");
        assert_eq!(open(&[GatewaySetting { enabled: false, ..real }]), ["manual", "test"]);
    }
}
