//! The whole house: which services there are, and how a process is made of some of them.
pub mod copy;
pub mod dead_letters;
pub mod demo;
pub mod doctor;
pub mod people;
pub mod reseal;
pub mod seed;

use anyhow::bail;
use kit::{
    service::{Env, Service},
    settings::Settings,
};
use proto::identity::v1::Store;
use sqlx::migrate::Migrator;
use tonic::{Request, metadata::MetadataValue};

/// Every service there is, in the order they are migrated in.
pub const SERVICES: [&str; 9] = [
    identity::NAME,
    customers::NAME,
    catalog::NAME,
    carts::NAME,
    orders::NAME,
    notifications::NAME,
    reviews::NAME,
    "gateway",
    "console",
];

/// The services named, or all of them; an unknown name is an error.
pub fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static str>> {
    if let Some(unknown) = names.iter().find(|name| !SERVICES.contains(&name.as_str())) {
        bail!("there is no service {unknown}; there are {}", SERVICES.join(", "));
    }
    Ok(SERVICES.into_iter().filter(|service| names.is_empty() || names.iter().any(|name| name == service)).collect())
}

/// The tables of the services that have any.
#[must_use]
pub fn migrators(services: &[&'static str]) -> Vec<(&'static str, &'static Migrator)> {
    let all: [(&str, &Migrator); 7] = [
        (identity::NAME, &identity::MIGRATOR),
        (customers::NAME, &customers::MIGRATOR),
        (catalog::NAME, &catalog::MIGRATOR),
        (carts::NAME, &carts::MIGRATOR),
        (orders::NAME, &orders::MIGRATOR),
        (notifications::NAME, &notifications::MIGRATOR),
        (reviews::NAME, &reviews::MIGRATOR),
    ];
    all.into_iter().filter(|(name, _)| services.contains(name)).collect()
}

/// What each service that has tables keeps of people.
#[must_use]
pub fn holdings() -> [(&'static str, &'static [::holdings::Table]); 7] {
    [
        (identity::NAME, identity::holdings::TABLES),
        (customers::NAME, customers::holdings::TABLES),
        (catalog::NAME, catalog::holdings::TABLES),
        (carts::NAME, carts::holdings::TABLES),
        (orders::NAME, orders::holdings::TABLES),
        (notifications::NAME, notifications::holdings::TABLES),
        (reviews::NAME, reviews::holdings::TABLES),
    ]
}

/// Brings the schemas of `services` up to date.
pub async fn migrate(settings: &Settings, services: &[&'static str]) -> anyhow::Result<()> {
    kit::service::migrate(settings, &migrators(services)).await
}

/// Builds `services` on `env`.
pub fn build(env: &Env, services: &[&'static str]) -> anyhow::Result<Vec<Service>> {
    services
        .iter()
        .map(|name| match *name {
            "identity" => identity::service(env),
            "customers" => customers::service(env),
            "catalog" => catalog::service(env),
            "carts" => carts::service(env),
            "orders" => orders::service(env),
            "notifications" => notifications::service(env),
            "reviews" => reviews::service(env),
            "gateway" => gateway::service(env),
            "console" => console::service(env),
            other => bail!("there is no service {other}"),
        })
        .collect()
}

/// All services of a command's own process, reached without a socket; none of their tasks runs.
pub async fn in_process(settings: Settings) -> anyhow::Result<Env> {
    let clock = settings.clock();
    let env = Env::new(settings, clock, &SERVICES).await?;
    let names: Vec<_> = SERVICES.into_iter().filter(|name| !["gateway", "console"].contains(name)).collect();
    let _sockets_are_not_needed = env.open(&mut build(&env, &names)?)?;
    Ok(env)
}

/// `message` as a call of the house itself, in the name of `store`.
pub fn for_store<T>(env: &Env, store: &Store, message: T) -> anyhow::Result<Request<T>> {
    let token = env.speak_for("patron", store.realm.parse()?, Some(store.id.parse()?))?;
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
    Ok(request)
}
