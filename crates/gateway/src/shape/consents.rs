//! Marketing consent, as staff and customers see it (CU-16).
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type, schema::AdditionalProperties},
};

use super::time;
use crate::answer::Versioned;

/// What somebody agreed to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "consents": {"email": true},
    "history": [{
        "channel": "email", "granted": true, "at": "2026-03-02T12:00:00Z", "source": "storefront",
        "actor": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    }],
    "version": 5,
}))]
#[expect(clippy::struct_field_names, reason = "as the API names it")]
pub struct Consents {
    /// Whether marketing may be sent, by channel.
    pub consents: BTreeMap<String, bool>,
    /// Every decision, newest first; at most the newest 200.
    pub history: Vec<Consent>,
    /// Version of the record.
    pub version: i64,
}

/// A decision about a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consent {
    /// `email`, `sms`, `push`, `phone` or `post`.
    pub channel: String,
    /// Whether marketing may be sent there.
    pub granted: bool,
    /// When that was decided.
    pub at: Option<DateTime<Utc>>,
    /// Where: `storefront`, `portal`, `console`, `api`, or what whoever recorded it calls it.
    pub source: String,
    /// Who recorded it.
    pub actor: String,
}

impl Versioned for Consents {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Consent> for Consent {
    fn from(consent: pb::Consent) -> Self {
        let pb::Consent { channel, granted, at, source, actor } = consent;
        Self { channel, granted, at: time(at), source, actor }
    }
}

impl From<pb::Consents> for Consents {
    fn from(consents: pb::Consents) -> Self {
        Self {
            consents: consents.consents.into_iter().map(|known| (known.channel, known.granted)).collect(),
            history: consents.history.into_iter().map(Into::into).collect(),
            version: consents.version,
        }
    }
}

/// The schema of decisions by channel where others are refused.
pub fn channels() -> Object {
    let all = ["email", "sms", "push", "phone", "post"].into_iter();
    let nothing_else =
        ObjectBuilder::new().min_properties(Some(1)).additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let decision = || ObjectBuilder::new().schema_type(Type::Boolean);
    all.fold(nothing_else, |known, channel| known.property(channel, decision())).build()
}

/// By channel, whether marketing may be sent there; channels that are left out stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(min_properties = 1, example = json!({"email": true, "sms": false}))]
pub struct Agreement {
    /// E-mail.
    pub email: Option<bool>,
    /// Text messages.
    pub sms: Option<bool>,
    /// Push messages.
    pub push: Option<bool>,
    /// Calls.
    pub phone: Option<bool>,
    /// Letters.
    pub post: Option<bool>,
}

impl Agreement {
    /// The channels that are named.
    pub fn decisions(self) -> HashMap<String, bool> {
        let Self { email, sms, push, phone, post } = self;
        let all = [("email", email), ("sms", sms), ("push", push), ("phone", phone), ("post", post)];
        all.into_iter().filter_map(|(channel, granted)| Some((channel.to_owned(), granted?))).collect()
    }
}
