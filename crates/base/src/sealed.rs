//! Personal values within JSON that is kept for long: sealed with the customer's key, or masked when nobody has it.
//! A sealed value is `{"sealed": …, "of": "cus_…"}`.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{customer_key::CustomerKey, ids::CustomerId, personal::is_personal};

/// What values in the audit are sealed for.
const PURPOSE: &str = "audit";

/// `value` sealed.
#[must_use]
pub fn seal(key: &CustomerKey, value: &Value) -> Value {
    let sealed = BASE64_URL_SAFE_NO_PAD.encode(key.seal(PURPOSE, value.to_string().as_bytes()));
    json!({ "sealed": sealed, "of": key.customer().to_string() })
}

/// `value` with every personal member sealed with `key`, or masked without one. What was not there still is not.
#[must_use]
pub fn protect(value: Value, about_customer: bool, key: Option<&CustomerKey>) -> Value {
    let member = |(name, value): (String, Value)| {
        let personal = is_personal(&name, about_customer) && !value.is_null();
        let value = match key {
            Some(key) if personal => seal(key, &value),
            None if personal => Value::String("***".to_owned()),
            _ => protect(value, about_customer, key),
        };
        (name, value)
    };
    match value {
        Value::Object(members) => Value::Object(members.into_iter().map(member).collect()),
        Value::Array(members) => {
            Value::Array(members.into_iter().map(|value| protect(value, about_customer, key)).collect())
        }
        other => other,
    }
}

/// Opens every sealed value within `value` with the key that `keys` has for its customer. Where there is none any more,
/// `{"erased": true}` says so.
pub fn open(value: &mut Value, keys: &impl Fn(CustomerId) -> Option<CustomerKey>) {
    match value {
        Value::Object(members) => match opened(members, keys) {
            Some(plain) => *value = plain,
            None => members.values_mut().for_each(|member| open(member, keys)),
        },
        Value::Array(members) => members.iter_mut().for_each(|member| open(member, keys)),
        _ => {}
    }
}

/// Whose sealed values there are within `value`.
pub fn owners(value: &Value, found: &mut Vec<CustomerId>) {
    match value {
        Value::Object(members) => match sealed(members) {
            Some((owner, _)) => found.push(owner),
            None => members.values().for_each(|member| owners(member, found)),
        },
        Value::Array(members) => members.iter().for_each(|member| owners(member, found)),
        _ => {}
    }
}

/// The owner and the text of a sealed value; `None` for any other object.
fn sealed(members: &Map<String, Value>) -> Option<(CustomerId, &str)> {
    let (Value::String(sealed), Value::String(owner)) = (members.get("sealed")?, members.get("of")?) else {
        return None;
    };
    (members.len() == 2).then_some((owner.parse().ok()?, sealed))
}

fn opened(members: &Map<String, Value>, keys: &impl Fn(CustomerId) -> Option<CustomerKey>) -> Option<Value> {
    let (owner, text) = sealed(members)?;
    let plain = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|sealed| keys(owner)?.open(PURPOSE, &sealed).ok());
    Some(plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_else(|| json!({ "erased": true })))
}
