//! The public API over real HTTP.
use anyhow::{Context, ensure};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// A client of one house.
#[derive(Clone)]
pub struct Http {
    client: Client,
    base: String,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// Body as JSON; `null` when it is empty, a text when it is a file.
    pub body: Value,
}

impl Http {
    /// The house at `base`, reached by `client`.
    #[must_use]
    pub fn new(client: Client, base: String) -> Self {
        Self { client, base }
    }

    /// Address of the house.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request of `path`, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }
}

/// The same request with a form that holds the file `name`.
pub fn form(request: RequestBuilder, name: &str, data: &[u8]) -> RequestBuilder {
    let head = format!(
        "--a-part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let body = [head.as_bytes(), data, b"\r\n--a-part--\r\n"].concat();
    request.header("Content-Type", "multipart/form-data; boundary=a-part").body(body)
}

/// Sends a request and reads the answer whole.
pub async fn send(request: RequestBuilder) -> anyhow::Result<Answer> {
    let answer = request.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await?;
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_kept = headers.contains_key("content-disposition");
    let body = if text.is_empty() {
        Value::Null
    } else if is_kept || ["text/csv", "application/jsonl"].iter().any(|file| kind.starts_with(file)) {
        Value::String(text)
    } else {
        serde_json::from_str(&text).with_context(|| format!("{status}: {text}"))?
    };
    Ok(Answer { status, headers, body })
}

impl Answer {
    /// The body, when the status is `expected`.
    pub fn expect(self, expected: u16) -> anyhow::Result<Value> {
        ensure!(self.status == expected, "{expected} was expected, not {}: {}", self.status, self.body);
        Ok(self.body)
    }

    /// The body of a problem with this status and `code`, in the form every problem has (RFC 9457).
    pub fn problem(self, status: u16, code: &str) -> anyhow::Result<Value> {
        let content_type = self.header("content-type").to_owned();
        let body = self.expect(status)?;
        ensure!(content_type == "application/problem+json", "a problem, not {content_type}: {body}");
        ensure!(body["code"] == code && body["status"] == status, "{code} was expected: {body}");
        ensure!(body["request_id"].is_string() && body["title"].is_string(), "an incomplete problem: {body}");
        Ok(body)
    }

    /// A header field; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The text at `pointer` of `body`.
pub fn text<'a>(body: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    body.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no text at {pointer}: {body}"))
}
