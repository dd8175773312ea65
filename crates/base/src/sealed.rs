//! Personal values within JSON that is kept for long: sealed with the customer's key, or masked when nobody has it.
//! A sealed value is `{"sealed": …, "of": "cus_…"}`.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::{customer_key::CustomerKey, ids::CustomerId, personal::is_personal};

/// What values in the audit are sealed for.
pub const PURPOSE: &str = "audit";
/// What masked values look like.
const MASK: &str = "***";

/// `value` sealed.
#[must_use]
pub fn seal(key: &CustomerKey, value: &Value) -> Value {
    enclose(key.customer(), &key.seal(PURPOSE, value.to_string().as_bytes()))
}

/// What was `sealed` elsewhere with the key of `owner`: the text of a JSON value.
#[must_use]
pub fn enclose(owner: CustomerId, sealed: &[u8]) -> Value {
    json!({ "sealed": BASE64_URL_SAFE_NO_PAD.encode(sealed), "of": owner.to_string() })
}

/// What stands for a personal value that nobody has a key for.
#[must_use]
pub fn masked() -> Value {
    Value::String(MASK.to_owned())
}

/// `value` with every personal member sealed with `key`, or masked without one. What was not there still is not.
#[must_use]
pub fn protect(value: Value, about_customer: bool, key: Option<&CustomerKey>) -> Value {
    let member = |(name, value): (String, Value)| {
        let personal = is_personal(&name, about_customer) && !value.is_null();
        let value = match key {
            Some(key) if personal => seal(key, &value),
            None if personal => masked(),
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

/// Opens every sealed value within `value` by what `opened` makes of its customer and its bytes. Where that is nothing,
/// since the key is gone, `{"erased": true}` says so.
pub fn open(value: &mut Value, opened: &impl Fn(CustomerId, &[u8]) -> Option<Vec<u8>>) {
    match value {
        Value::Object(members) => match sealed(members) {
            Some((owner, bytes)) => {
                let plain = opened(owner, &bytes).and_then(|plain| serde_json::from_slice(&plain).ok());
                *value = plain.unwrap_or_else(|| json!({ "erased": true }));
            }
            None => members.values_mut().for_each(|member| open(member, opened)),
        },
        Value::Array(members) => members.iter_mut().for_each(|member| open(member, opened)),
        _ => {}
    }
}

/// Adds to `found` the sealed values within `value`, and whose they are.
pub fn find(value: &Value, found: &mut Vec<(CustomerId, Vec<u8>)>) {
    match value {
        Value::Object(members) => match sealed(members) {
            Some(sealed) => found.push(sealed),
            None => members.values().for_each(|member| find(member, found)),
        },
        Value::Array(members) => members.iter().for_each(|member| find(member, found)),
        _ => {}
    }
}

/// Puts `***` in the place of every sealed value within `value`; whether there was one.
pub fn mask(value: &mut Value) -> bool {
    match value {
        Value::Object(members) if sealed(members).is_some() => {
            *value = masked();
            true
        }
        Value::Object(members) => members.values_mut().fold(false, |masked, member| mask(member) | masked),
        Value::Array(members) => members.iter_mut().fold(false, |masked, member| mask(member) | masked),
        other => *other == MASK,
    }
}

/// The owner and the bytes of a sealed value; `None` for any other object.
fn sealed(members: &Map<String, Value>) -> Option<(CustomerId, Vec<u8>)> {
    let (Value::String(sealed), Value::String(owner)) = (members.get("sealed")?, members.get("of")?) else {
        return None;
    };
    (members.len() == 2).then_some((owner.parse().ok()?, BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?))
}
