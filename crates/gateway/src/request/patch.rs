//! Members of a merge patch (RFC 7396): left out they stay, `null` takes them away.
use serde::{Deserialize, Deserializer};

/// A member that may be left out, be `null`, or be something.
pub type Member<T> = Option<Option<T>>;

/// Reads a member that is there: `null` is something else than nothing. With `#[serde(default)]`.
pub fn member<'de, T: Deserialize<'de>, D: Deserializer<'de>>(member: D) -> Result<Member<T>, D::Error> {
    Option::deserialize(member).map(Some)
}

/// What services take for a member: an empty text for `null`.
pub fn text(member: Member<String>) -> Option<String> {
    member.map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Changes {
        #[serde(default, deserialize_with = "member")]
        name: Member<String>,
    }

    /// API §5: left out is not `null`.
    #[test]
    fn left_out_is_not_null() {
        let read = |json: &str| text(serde_json::from_str::<Changes>(json).expect("changes").name);
        assert_eq!((read("{}"), read(r#"{"name":null}"#)), (None, Some(String::new())));
        assert_eq!(read(r#"{"name":"Ada"}"#), Some("Ada".to_owned()));
    }
}
