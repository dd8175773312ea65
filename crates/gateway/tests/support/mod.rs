//! A gateway with services of the test's own behind it, called as a client would.
#![allow(dead_code, reason = "each test uses its part")]
mod identity;
mod products;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use kit::{
    clock::Clock,
    service::{Env, Service},
    settings::Settings,
};
use proto::{
    catalog::v1::product_service_server::ProductServiceServer,
    identity::v1::assertion_service_server::AssertionServiceServer,
};
use serde_json::Value;
use testing::Actors;
use tower::ServiceExt;

pub use identity::Identity;
pub use products::Products;

/// The gateway and what is behind it.
pub struct House {
    router: Router,
    /// What the gateway was built from.
    pub env: Env,
    /// What it does beside the requests.
    pub tasks: Vec<kit::service::Task>,
    /// Who may call.
    pub actors: Actors,
    /// How often identity was asked for an assertion.
    pub exchanges: Arc<Mutex<u32>>,
    /// The metadata of every call to the catalog.
    pub calls: Arc<Mutex<Vec<HeaderMap>>>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The code of the problem it is.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{:?}", self.body);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("request-id"));
        problem["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl House {
    pub async fn new() -> anyhow::Result<Self> {
        Self::with(|_| {}, Vec::new()).await
    }

    /// With other settings, and `others` beside identity and the catalog.
    pub async fn with(set: impl FnOnce(&mut Settings), others: Vec<Service>) -> anyhow::Result<Self> {
        let mut settings = testing::rig::settings("postgres://127.0.0.1:9/none", "nats://127.0.0.1:9");
        set(&mut settings);
        let clock = Clock::manual("2026-03-02T12:00:00Z".parse()?);
        let names = ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];
        let env = Env::new(settings, clock.clone(), &names).await?;
        let actors = Actors::new(&clock, &env.secrets)?;
        let (exchanges, calls) = (Arc::default(), Arc::default());
        let identity = Identity { actors: actors.clone(), exchanges: Arc::clone(&exchanges) };
        let products = Products { calls: Arc::clone(&calls) };
        let mut services = vec![
            Service::new("identity").rpc(AssertionServiceServer::new(identity)),
            Service::new("catalog").rpc(ProductServiceServer::new(products)),
        ];
        services.extend(others);
        let _rpcs = env.open(&mut services)?;
        let gateway = gateway::service(&env)?;
        let router = gateway.http.ok_or_else(|| anyhow::anyhow!("the gateway serves nothing"))?;
        Ok(Self { router, env, tasks: gateway.tasks, actors, exchanges, calls })
    }

    /// Its routes, to be served on a listener.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a request from 198.51.100.7. `with` are header fields, one a line: `name: value`.
    pub async fn send(&self, method: Method, path: &str, with: &str, body: &str) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        for line in with.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(body.to_owned()))?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([198, 51, 100, 7], 4711))));
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }

    pub async fn get(&self, path: &str, with: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, with, "").await
    }

    /// The metadata of the last call to the catalog.
    pub fn last_call(&self) -> HeaderMap {
        self.calls.lock().ok().and_then(|calls| calls.last().cloned()).unwrap_or_default()
    }

    pub fn exchanged(&self) -> u32 {
        self.exchanges.lock().map(|count| *count).unwrap_or_default()
    }
}
