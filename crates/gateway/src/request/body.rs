//! JSON bodies. Whether unknown fields are refused is said by the type: `deny_unknown_fields` on the staff's side.
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use http::{StatusCode, header};
use kit::failure::Violation;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::problem::Problem;

/// The body of a request. None at all is read as an object without members.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default().to_owned());
        // Its size was looked at by the door.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::defect("a body was read twice"))?;
        if kind.as_deref().map_or(!bytes.is_empty(), |kind| !is_json(kind)) {
            let detail = "Send JSON, with Content-Type: application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        parse(if bytes.is_empty() { b"{}" } else { &bytes }).map(Self).map_err(Problem::from)
    }
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads `bytes`, or says what is wrong and where.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Violation> {
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        // serde would take an array for the members of an object in order.
        return Err(Violation::new("", "wrong_type", "send a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|fault| {
        let pointer = pointer(fault.path());
        explain(pointer, fault.inner())
    })?;
    json.end().map_err(|fault| explain(String::new(), &fault))?;
    Ok(value)
}

/// A JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { .. } | Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

fn explain(pointer: String, fault: &serde_json::Error) -> Violation {
    let text = fault.to_string();
    let words = text.rsplit_once(" at line ").map_or(&*text, |(words, _)| words);
    let field = words.split('`').nth(1).unwrap_or_default();
    match fault.classify() {
        Category::Data if words.starts_with("missing field") => {
            Violation::new(format!("{pointer}/{field}"), "required", format!("{field} is required"))
        }
        Category::Data if words.starts_with("unknown field") => {
            Violation::new(pointer, "unknown_field", format!("{field} is not a field here"))
        }
        Category::Data if words.starts_with("duplicate field") => {
            Violation::new(format!("{pointer}/{field}"), "duplicate_field", format!("{field} is given twice"))
        }
        Category::Data => Violation::new(pointer, "wrong_type", expected(words)),
        _ => Violation::new("", "malformed", format!("this is not JSON: {text}")),
    }
}

/// What serde says it expected, in the words of the trade rather than of our code.
fn expected(words: &str) -> &'static str {
    match words.rsplit_once("expected ").map_or("", |(_, kind)| kind) {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative is expected here",
        "i8" | "i16" | "i32" | "i64" => "a whole number is expected here",
        "a string" | "string" | "a borrowed string" => "a text is expected here",
        "a boolean" => "true or false is expected here",
        "a sequence" => "a list is expected here",
        kind if kind.starts_with("struct ") || kind == "a map" => "an object is expected here",
        _ => "another type is expected here",
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[serde(rename = "lines")]
        _lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[serde(rename = "quantity")]
        _quantity: u32,
    }

    fn fault(json: &str) -> (String, String) {
        match parse::<Order>(json.as_bytes()) {
            Ok(order) => (format!("{order:?}"), String::new()),
            Err(fault) => (fault.pointer.into_owned(), fault.code.into_owned()),
        }
    }

    #[test]
    fn faults_point_to_where_they_are() {
        for (json, pointer, code) in [
            (r#"{"lines": [{"quantity": "2"}]}"#, "/lines/0/quantity", "wrong_type"),
            (r#"{"lines": [{"quantity": -1}]}"#, "/lines/0/quantity", "wrong_type"),
            (r#"{"lines": [{"quantity": 1}, {}]}"#, "/lines/1/quantity", "required"),
            (r#"{"lines": [], "price/~": 1}"#, "/price~1~0", "unknown_field"),
            (r#"{"lines": [], "lines": []}"#, "/lines", "duplicate_field"),
            (r#"{"lines": {}}"#, "/lines", "wrong_type"),
            ("{}", "/lines", "required"),
            ("[]", "", "wrong_type"),
            (r#" [[{"quantity": 1}]]"#, "", "wrong_type"),
            (r#"{"lines": ["#, "", "malformed"),
            (r#"{"lines": []} x"#, "", "malformed"),
        ] {
            assert_eq!(fault(json), (pointer.to_owned(), code.to_owned()), "{json}");
        }
    }

    #[test]
    fn types_are_told_in_plain_words() {
        for (json, words) in [
            (r#"{"lines": [7]}"#, "an object is expected here"),
            (r#"{"lines": [{"quantity": -1}]}"#, "a whole number that is not negative is expected here"),
            (r#"{"lines": "x"}"#, "a list is expected here"),
        ] {
            let fault = parse::<Order>(json.as_bytes()).map_err(|fault| fault.detail.into_owned());
            assert_eq!(fault.err().as_deref(), Some(words), "{json}");
        }
    }

    #[test]
    fn json_has_several_names() {
        assert!(is_json("application/json; charset=utf-8"));
        assert!(is_json("application/merge-patch+json"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/x-www-form-urlencoded"));
    }
}
