//! Somebody with a connection, credentials and a random mind.
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Builder};
use rand::{Rng, SeedableRng, rngs::SmallRng};

use crate::{
    access::{Access, Account},
    connection::Connection,
};

const STORE: HeaderName = HeaderName::from_static("patron-store");
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One of those who load the house at the same time.
pub struct Visitor {
    /// What there is to ask for.
    pub access: Arc<Access>,
    /// The same for the same seat.
    pub rng: SmallRng,
    /// Requests sent.
    pub requests: u64,
    connection: Connection,
    staff: HeaderValue,
    shop: HeaderValue,
    store: HeaderValue,
    /// Which of how many visitors.
    seat: (usize, usize),
    logins: usize,
}

impl Visitor {
    /// Connects visitor `seat.0` of `seat.1`.
    pub async fn arrive(access: &Arc<Access>, seat: (usize, usize)) -> anyhow::Result<Self> {
        Ok(Self {
            connection: Connection::open(&access.base_url).await?,
            staff: bearer(&access.staff_token)?,
            shop: bearer(&access.store_key)?,
            store: HeaderValue::from_str(&access.store)?,
            rng: SmallRng::seed_from_u64(seat.0 as u64),
            access: Arc::clone(access),
            requests: 0,
            seat,
            logins: 0,
        })
    }

    /// Leaves a connection that is of no use any more.
    pub async fn reconnect(&mut self) -> anyhow::Result<()> {
        self.connection = Connection::open(&self.access.base_url).await?;
        Ok(())
    }

    /// One of `0..count`; there must be some.
    pub fn pick(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count)
    }

    /// The name of anybody.
    pub fn name(&mut self) -> anyhow::Result<String> {
        anyhow::ensure!(!self.access.names.is_empty(), "no names are known: prepare anew");
        let number = self.pick(self.access.names.len());
        Ok(self.access.names[number].clone())
    }

    /// An account of this visitor's own: tries of one account by many at once would have to wait.
    pub fn account(&mut self) -> &Account {
        let (seat, seats) = self.seat;
        let own = (self.access.accounts.len().saturating_sub(seat).div_ceil(seats)).max(1);
        let number = (seat + (self.logins % own) * seats) % self.access.accounts.len();
        self.logins += 1;
        &self.access.accounts[number]
    }

    /// GETs a path of the admin API.
    pub async fn get_as_staff(&mut self, path: &str) -> anyhow::Result<&[u8]> {
        let request = Request::get(path).header(header::AUTHORIZATION, &self.staff).header(STORE, &self.store);
        self.send(request, String::new()).await
    }

    /// GETs a path of the admin API with the key of an integration.
    pub async fn get_with_key(&mut self, path: &str, key: &str) -> anyhow::Result<&[u8]> {
        let request = Request::get(path).header(header::AUTHORIZATION, bearer(key)?).header(STORE, &self.store);
        self.send(request, String::new()).await
    }

    /// GETs a path of the storefront API.
    pub async fn get_at_shop(&mut self, path: &str) -> anyhow::Result<&[u8]> {
        self.send(Request::get(path).header(header::AUTHORIZATION, &self.shop), String::new()).await
    }

    /// POSTs JSON to a path of the storefront API, repeatable with `key` if it is not empty.
    pub async fn post_at_shop(&mut self, path: &str, key: &str, body: String) -> anyhow::Result<&[u8]> {
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header(header::AUTHORIZATION, &self.shop);
        request = request.header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if !key.is_empty() {
            request = request.header(KEY, key);
        }
        self.send(request, body).await
    }

    /// POSTs JSON with credentials that are no good to a path of the storefront API.
    pub async fn refused_at_shop(&mut self, path: &str, body: String) -> anyhow::Result<()> {
        let request = Request::post(path).header(header::AUTHORIZATION, &self.shop);
        let request = request.header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.requests += 1;
        self.connection.send(request, body, StatusCode::UNAUTHORIZED).await.map(drop)
    }

    async fn send(&mut self, request: Builder, body: String) -> anyhow::Result<&[u8]> {
        self.requests += 1;
        self.connection.send(request, body, StatusCode::OK).await
    }
}

fn bearer(token: &str) -> anyhow::Result<HeaderValue> {
    Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
}
