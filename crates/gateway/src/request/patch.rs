//! Members of a merge patch (RFC 7396): left out they stay, `null` takes them away. With `#[serde(default)]`.
use serde::{Deserialize, Deserializer};

/// Reads a member that is there; `null` is nothing of its kind, such as an empty text.
pub fn or_nothing<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(member: D) -> Result<Option<T>, D::Error> {
    Ok(Some(Option::deserialize(member)?.unwrap_or_default()))
}

/// Reads a member that is there, for a type that knows `null` itself.
pub fn as_given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(member: D) -> Result<Option<T>, D::Error> {
    T::deserialize(member).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Changes {
        #[serde(default, deserialize_with = "or_nothing")]
        name: Option<String>,
        #[serde(default, deserialize_with = "as_given")]
        meta: Option<Value>,
    }

    /// API §5: left out is not `null`.
    #[test]
    fn left_out_is_not_null() {
        let read = |json: &str| serde_json::from_str::<Changes>(json).expect("changes");
        assert_eq!(read("{}"), Changes { name: None, meta: None });
        let taken = Changes { name: Some(String::new()), meta: Some(Value::Null) };
        assert_eq!(read(r#"{"name":null,"meta":null}"#), taken);
        assert_eq!(read(r#"{"name":"Ada"}"#), Changes { name: Some("Ada".to_owned()), meta: None });
    }
}
