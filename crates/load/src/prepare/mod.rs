//! Gets what a load needs from a house that runs: a session, things to ask for, people who can sign in. All through
//! the public API, and the mail folder for their codes.
mod accounts;
mod demo;
mod keys;
mod rest;
mod sample;
mod staff;

use std::path::PathBuf;

use anyhow::Context;
use http::{Method, Request, StatusCode, header, request::Builder};
use serde_json::Value;

use self::demo::Demo;
use crate::{
    access::{Access, Account},
    connection::Connection,
};

/// Where the house is.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// What `patron seed --demo` wrote.
    #[arg(long, value_name = "FILE")]
    pub demo: PathBuf,
    /// Where to write what is needed; what is there and still good is kept.
    #[arg(long, value_name = "FILE")]
    pub access: PathBuf,
    /// The house's PostgreSQL.
    #[arg(long, env = "PATRON_DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// The house's nats-server.
    #[arg(long, env = "PATRON_NATS_URL", hide_env_values = true)]
    pub nats_url: String,
    /// How many people with a password there are to be: some for each connection.
    #[arg(long, default_value_t = 256)]
    pub accounts: usize,
}

/// Gets what is missing and writes it.
pub async fn prepare(place: &Place) -> anyhow::Result<()> {
    let demo = Demo::read(&place.demo)?;
    let store = demo.stores.first().context("the demo has no store")?;
    let known =
        Access::read(&place.access).ok().filter(|access| access.store == store.id && !access.blind_keys.is_empty());
    let mut house = House { connection: Connection::open(&demo.base_url).await? };
    let token = match &known {
        Some(access) if house.still_admits(access).await? => access.staff_token.clone(),
        _ => staff::sign_in(&mut house, demo.owner()?).await?,
    };
    let sample = sample::take(&mut house, &token, &store.id).await?;
    let keys = match &known {
        Some(access) => (access.seeing_keys.clone(), access.blind_keys.clone()),
        None => keys::make(&mut house, &token, &store.id).await?,
    };
    let products = house.products(&store.key).await?;
    let mut access = Access {
        base_url: demo.base_url.clone(),
        database_url: place.database_url.clone(),
        nats_url: place.nats_url.clone(),
        store: store.id.clone(),
        store_key: store.key.clone(),
        staff_token: token,
        products,
        customers: sample.customers,
        names: sample.names,
        name_starts: sample.name_starts,
        email_parts: sample.email_parts,
        seeing_keys: keys.0,
        blind_keys: keys.1,
        accounts: known.map(|access| access.accounts).unwrap_or_default(),
    };
    // A session is worth keeping even when the rest fails: the next code takes half a minute.
    access.write(&place.access)?;
    if access.accounts.len() < place.accounts {
        access.accounts = accounts::register(&access, &demo.mail_dir, place.accounts).await?;
    }
    access.write(&place.access)?;
    rest::rest(&access.database_url).await
}

/// The house as it is prepared.
struct House {
    connection: Connection,
}

impl House {
    async fn json(&mut self, request: Builder, body: &Value, wanted: StatusCode) -> anyhow::Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header(header::CONTENT_TYPE, "application/json");
        Ok(serde_json::from_slice(self.connection.send(request, body, wanted).await?)?)
    }

    async fn get(&mut self, path: &str, token: &str, store: &str) -> anyhow::Result<Value> {
        let request = Request::get(path).header("patron-store", store);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.json(request, &Value::Null, StatusCode::OK).await
    }

    async fn still_admits(&mut self, access: &Access) -> anyhow::Result<bool> {
        let request = Request::get("/admin/v1/sessions/current");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", access.staff_token));
        let answer = self.connection.send(request, String::new(), StatusCode::OK).await;
        Ok(answer.is_ok())
    }

    async fn products(&mut self, key: &str) -> anyhow::Result<Vec<String>> {
        let request = Request::builder().method(Method::GET).uri("/storefront/v1/products?limit=25");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        let list = self.json(request, &Value::Null, StatusCode::OK).await?;
        let products = list.as_array().into_iter().flatten().filter_map(|product| product["id"].as_str());
        let products: Vec<String> = products.map(str::to_owned).collect();
        anyhow::ensure!(!products.is_empty(), "the store has no products");
        Ok(products)
    }
}
