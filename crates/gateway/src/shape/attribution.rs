//! Who and what brought a purchase about (CA-8), the same of carts, orders and subscriptions.
use std::collections::BTreeMap;

use proto::base::v1 as pb;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::text;
use crate::doc::filters::schema;

/// The words, once for what is told and once for each of those who say them.
macro_rules! words {
    ($($word:ident: $doc:literal,)+) => {
        /// Who and what brought it about; shown to staff only.
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(example = json!({
            "agent": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d50", "affiliate": "partner-7", "subaffiliate1": null,
            "subaffiliate2": null, "subaffiliate3": null, "subaffiliate4": null, "subaffiliate5": null,
            "funnel": "spring", "gclid": null, "utm_source": "newsletter", "utm_medium": "email",
            "utm_campaign": "spring-sale", "utm_content": null, "utm_term": null, "metadata": {"visitor": "a7"},
        }))]
        pub struct Attribution {
            /// Member of staff who worked on it first, `stf_…`.
            pub agent: Option<String>,
            $(#[doc = $doc] pub $word: Option<String>,)+
            /// Whatever else was noted.
            pub metadata: BTreeMap<String, String>,
        }

        impl From<pb::Attribution> for Attribution {
            fn from(known: pb::Attribution) -> Self {
                Self { agent: text(known.agent), $($word: text(known.$word),)+ metadata: known.metadata }
            }
        }

        /// What brought a cart about, as a shop front says.
        #[derive(Debug, Default, Deserialize, ToSchema)]
        #[schema(example = json!({"affiliate": "partner-7", "utm_source": "newsletter", "merge": true}))]
        pub struct GivenAttribution {
            $(#[doc = $doc]
            #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
            pub $word: Option<String>,)+
            /// Whatever else is to be noted: texts by at most 20 keys.
            #[schema(schema_with = metadata)]
            pub metadata: Option<BTreeMap<String, String>>,
            /// Whether what is not said again stays; otherwise this replaces all that was known.
            pub merge: Option<bool>,
        }

        impl GivenAttribution {
            /// What is said, and whether the rest stays.
            pub fn read(self) -> (pb::Attribution, bool) {
                let word = Option::unwrap_or_default;
                let said = pb::Attribution {
                    agent: String::new(),
                    $($word: word(self.$word),)+
                    metadata: self.metadata.unwrap_or_default(),
                };
                (said, self.merge.unwrap_or_default())
            }

            /// What the parameters of a request say.
            pub fn of(params: &mut crate::request::params::Params) -> pb::Attribution {
                pb::Attribution { $($word: params.text(stringify!($word)),)+ ..pb::Attribution::default() }
            }
        }

        /// What brought a cart about, as staff say.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"affiliate": "partner-7", "funnel": "phone", "merge": true}))]
        pub struct AttributionChange {
            /// Member of staff who worked on it, `stf_…`; one who is recorded already stays.
            #[schema(max_length = 36, pattern = "^(stf_[0-9a-f]{32})?$")]
            pub agent: Option<String>,
            $(#[doc = $doc]
            #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
            pub $word: Option<String>,)+
            /// Whatever else is to be noted: texts by at most 20 keys.
            #[schema(schema_with = metadata)]
            pub metadata: Option<BTreeMap<String, String>>,
            /// Whether what is not said again stays; otherwise this replaces all that was known, but for the agent.
            pub merge: Option<bool>,
        }

        impl AttributionChange {
            /// What is said, and whether the rest stays.
            pub fn read(self) -> (pb::Attribution, bool) {
                let word = Option::unwrap_or_default;
                let said = pb::Attribution {
                    agent: word(self.agent),
                    $($word: word(self.$word),)+
                    metadata: self.metadata.unwrap_or_default(),
                };
                (said, self.merge.unwrap_or_default())
            }
        }
    };
}

words! {
    affiliate: "Partner who sent the buyer.",
    subaffiliate1: "The partner's own first mark.",
    subaffiliate2: "The second.",
    subaffiliate3: "The third.",
    subaffiliate4: "The fourth.",
    subaffiliate5: "The fifth.",
    funnel: "Path through the shop's pages that led to it.",
    gclid: "Click of an advertisement, by Google's own id; masked without `customers.pii`.",
    utm_source: "Where the visit came from.",
    utm_medium: "By what.",
    utm_campaign: "In which campaign.",
    utm_content: "By which part of it.",
    utm_term: "For which words.",
}

/// What is known of a cart that is of this version.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartAttribution {
    /// Who and what brought it about.
    #[serde(flatten)]
    pub attribution: Attribution,
    /// Version of the cart.
    pub version: i64,
}

impl crate::answer::Versioned for CartAttribution {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<proto::carts::v1::Cart> for CartAttribution {
    fn from(cart: proto::carts::v1::Cart) -> Self {
        Self { attribution: cart.attribution.unwrap_or_default().into(), version: cart.version }
    }
}

fn metadata() -> RefOr<Schema> {
    schema(json!({
        "type": ["object", "null"], "maxProperties": 20,
        "propertyNames": {"type": "string", "pattern": r"^[^\x00-\x1f\x7f-\x9f]{1,40}$"},
        "additionalProperties": {"type": "string", "maxLength": 500, "pattern": r"^[^\x00]*$"},
    }))
}
