//! A provider of text and push messages: a server that keeps what it is asked, and answers what a test tells it to.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the provider was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub version: Version,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Status, `Retry-After` and body of an answer.
type Refusal = (u16, Option<u32>, Value);

/// The provider. Clones are the same one.
#[derive(Clone, Default)]
pub struct Provider {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<Refusal>>>,
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// A provider that takes every message and grants every token.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let provider = Self { url: format!("http://{}", listener.local_addr()?), ..Self::default() };
        let router = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(provider)
    }

    /// The next message is answered so, `Retry-After` and body included.
    pub fn refuse(&self, status: u16, after: Option<u32>, body: Value) {
        held(&self.answers).push_back((status, after, body));
    }

    /// What was asked so far, but for tokens.
    pub fn messages(&self) -> Vec<Asked> {
        held(&self.asked).iter().filter(|asked| asked.path != "/token").cloned().collect()
    }

    /// The tokens that were asked for so far.
    pub fn grants(&self) -> Vec<Asked> {
        held(&self.asked).iter().filter(|asked| asked.path == "/token").cloned().collect()
    }
}

async fn answer(
    State(provider): State<Provider>,
    (version, _, uri): (Version, Method, Uri),
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    held(&provider.asked).push(Asked { version, path, headers, body: String::from_utf8_lossy(&body).into_owned() });
    if uri.path() == "/token" {
        let pass = format!("pass-{}", provider.grants().len());
        return axum::Json(json!({"access_token": pass, "expires_in": 3600, "token_type": "Bearer"})).into_response();
    }
    let Some((status, after, body)) = held(&provider.answers).pop_front() else {
        return (StatusCode::OK, axum::Json(json!({}))).into_response();
    };
    let mut answer = axum::Json(body).into_response();
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if let Some(after) = after {
        answer.headers_mut().insert("retry-after", after.into());
    }
    answer
}
