//! What has to be said to turn one JSON object into another by a merge (RFC 7396): a form shows the whole object, and the
//! service takes changes.
use serde_json::{Map, Value};

/// The merge patch that makes `after` of `before`.
pub fn difference(before: &Map<String, Value>, after: Map<String, Value>) -> Map<String, Value> {
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    let mut patch: Map<String, Value> = gone.collect();
    for (name, value) in after {
        match (before.get(&name), value) {
            (Some(known), value) if *known == value => {}
            (Some(Value::Object(known)), Value::Object(value)) => {
                patch.insert(name, Value::Object(difference(known, value)));
            }
            (_, value) => {
                patch.insert(name, value);
            }
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// CU-8: what was taken out of the form goes, also within; the rest is not mentioned.
    #[test]
    fn only_differences_are_said() {
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let before = object(json!({ "a": 1, "b": { "c": 1, "d": 2 }, "e": 3 }));
        let after = object(json!({ "a": 1, "b": { "d": 4 }, "f": [1] }));
        let expected = object(json!({ "b": { "c": null, "d": 4 }, "e": null, "f": [1] }));
        assert_eq!(difference(&before, after), expected);
        assert!(difference(&before, before.clone()).is_empty());
    }
}
