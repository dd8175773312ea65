//! Who has something instead of whoever buys it (OR-1).
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text;

/// Who is to have a digital product instead of whoever buys it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "bob@example.com", "name": "Bob", "message": "Happy birthday!"}))]
pub struct GivenGift {
    /// E-mail address: they find it in their library, and are told by mail once it is paid.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// Full name.
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// What they are told with it: plain text.
    #[schema(max_length = 500, pattern = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$")]
    pub message: Option<String>,
}

impl From<GivenGift> for pb::Gift {
    fn from(GivenGift { email, name, message }: GivenGift) -> Self {
        Self { email, name: name.unwrap_or_default(), message: message.unwrap_or_default() }
    }
}

/// Who has, or is to have, a digital product instead of whoever buys it. What was erased is `null`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"email": "bob@example.com", "name": "Bob", "message": "Happy birthday!"}))]
pub struct Gift {
    /// E-mail address.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// What they are told with it.
    pub message: Option<String>,
}

impl From<pb::Gift> for Gift {
    fn from(pb::Gift { email, name, message }: pb::Gift) -> Self {
        Self { email: text(email), name: text(name), message: text(message) }
    }
}
