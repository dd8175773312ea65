//! A service is a value; a process runs a list of them: listeners, tasks, readiness, drain (PL-1).
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use async_nats::jetstream;
use axum::{Router, routing::get};
use base::{
    actor::Kind,
    assertion::{Claims, PublicKey, Signer},
    clock::Clock,
    ids::{NetworkId, RealmId, StoreId},
    secret::Secrets,
};
use futures_util::{FutureExt, future::BoxFuture};
use mesh::{
    listener::{Ending, Listener},
    remote::Remote,
    tls::Tls,
};
use sqlx::migrate::Migrator;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::{server::NamedService, service::Routes};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    db::Db,
    gauges, guard,
    inbox::{self, Consumer},
    outbox,
    ready::Readiness,
    settings::Settings,
    telemetry::Telemetry,
    transport::{Local, Speaker, Transport},
    verifier::Verifier,
};

/// A service: what it answers and what it does by itself.
pub struct Service {
    /// Its name, which is also its schema's.
    pub name: &'static str,
    /// Its RPCs.
    pub grpc: Option<Routes>,
    /// Full protobuf names of the services that have them, for health checks.
    pub rpcs: Vec<&'static str>,
    /// Its public HTTP routes.
    pub http: Option<Router>,
    /// What runs beside the requests. A task that ends or panics is started again.
    pub tasks: Vec<Task>,
    /// Its database, which must answer for the process to be ready.
    pub db: Option<Db>,
}

/// Work beside the requests; ends when the token is cancelled.
pub type Task = Box<dyn Fn(CancellationToken) -> BoxFuture<'static, ()> + Send + Sync>;

/// Makes a task of an async function.
pub fn task<F: Future<Output = ()> + Send + 'static>(
    work: impl Fn(CancellationToken) -> F + Send + Sync + 'static,
) -> Task {
    Box::new(move |stop| work(stop).boxed())
}

impl Service {
    /// A service with nothing in it yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, grpc: None, rpcs: Vec::new(), http: None, tasks: Vec::new(), db: None }
    }

    /// Adds the RPCs of one noun.
    #[must_use]
    pub fn rpc<S>(mut self, server: S) -> Self
    where
        S: tower::Service<
                http::Request<tonic::body::Body>,
                Response: axum::response::IntoResponse,
                Future: Send + 'static,
                Error = std::convert::Infallible,
            > + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
    {
        self.rpcs.push(S::NAME);
        self.grpc = Some(self.grpc.take().unwrap_or_default().add_service(server));
        self
    }

    /// Adds a task.
    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.tasks.push(task);
        self
    }

    /// Adds the database with the tasks that carry events out of it.
    #[must_use]
    pub fn database(mut self, env: &Env, db: &Db) -> Self {
        self.db = Some(db.clone());
        let (announcing, relaying, pruning) = (db.clone(), (db.clone(), env.broker()), db.clone());
        let told = db.clone();
        self.task(task(move |stop| outbox::announce(announcing.clone(), stop)))
            .task(task(move |stop| outbox::relay(relaying.0.clone(), relaying.1.clone(), stop)))
            .task(task(move |stop| outbox::prune(pruning.clone(), stop)))
            .task(task(move |stop| gauges::database(told.clone(), stop)))
    }

    /// Adds a consumer: one task per service it listens to, and one for dead letters.
    #[must_use]
    pub fn consumer<C: Consumer>(mut self, env: &Env, db: &Db, consumer: C) -> Self {
        let consumer = Arc::new(consumer);
        for source in C::SOURCES {
            let (told, count) = ((db.clone(), env.broker()), C::events(source).len());
            self = self.task(task(move |stop| gauges::consumer(told.0.clone(), told.1.clone(), (source, count), stop)));
            for place in 0..count {
                let (db, broker, consumer) = (db.clone(), env.broker(), Arc::clone(&consumer));
                self = self.task(task(move |stop| {
                    inbox::consume(db.clone(), broker.clone(), Arc::clone(&consumer), (source, place), stop)
                }));
            }
        }
        let db = db.clone();
        self.task(task(move |stop| inbox::replay(db.clone(), Arc::clone(&consumer), stop)))
    }
}

/// What a service is built from: settings, time, keys, the broker and the ways to its peers. Clones share it all.
#[derive(Clone)]
pub struct Env {
    /// Settings of the process.
    pub settings: Arc<Settings>,
    /// Time.
    pub clock: Clock,
    /// Keys.
    pub secrets: Secrets,
    signer: Signer,
    system: Vec<PublicKey>,
    tls: Tls,
    nats: async_nats::Client,
    mesh: Arc<HashMap<&'static str, Local>>,
}

impl Env {
    /// An environment for a process that runs `services`. The broker need not be there yet.
    pub async fn new(settings: Settings, clock: Clock, services: &[&'static str]) -> anyhow::Result<Self> {
        let secrets = settings.secrets()?;
        let tls = settings.tls.load()?;
        let nats = mesh::broker::connect(&settings.nats_url, settings.tls.nats()).await;
        let nats = nats.context("PATRON_NATS_URL cannot be used")?;
        let mesh = services.iter().map(|name| (*name, Local::new(OnceLock::new()))).collect();
        let (signer, system) = (Signer::system(&secrets)?, PublicKey::system(&secrets)?);
        Ok(Self { settings: Arc::new(settings), clock, secrets, signer, system, tls, nats, mesh: Arc::new(mesh) })
    }

    /// JetStream.
    #[must_use]
    pub fn broker(&self) -> jetstream::Context {
        jetstream::new(self.nats.clone())
    }

    /// The broker without JetStream, for what every process has to hear at once.
    #[must_use]
    pub fn nats(&self) -> async_nats::Client {
        self.nats.clone()
    }

    /// The database of `service`, whose schema must have been migrated.
    pub fn db(&self, service: &'static str) -> anyhow::Result<Db> {
        Db::connect(&self.settings.database(service), service, self.settings.db_pool, &self.secrets)
    }

    /// The way from `service` to `peer`, in this process or another.
    pub fn peer(&self, service: &str, peer: &str) -> anyhow::Result<Transport> {
        let speaker = Speaker::new(service, &self.signer, &self.clock);
        if let Some(local) = self.mesh.get(peer) {
            return Ok(Transport::local(Arc::clone(local), speaker));
        }
        let url = Settings::remote(peer).with_context(|| {
            format!("{service} needs {peer}: run it here or set PATRON_{}_URL", peer.to_uppercase())
        })?;
        let remote = Remote::new(&url, self.tls.peers.clone());
        Ok(Transport::remote(remote.with_context(|| format!("PATRON_{}_URL", peer.to_uppercase()))?, speaker))
    }

    /// An assertion for calls of the house itself that belong to one store, such as those of a command, or to the
    /// network that is the realm.
    pub fn speak_for(&self, name: &str, realm: RealmId, store: Option<StoreId>) -> anyhow::Result<String> {
        let claims = Claims::new(Kind::System, name, self.clock.now());
        let network = store.is_none().then(|| NetworkId::from_uuid(realm.uuid()).into());
        Ok(self.signer.sign(&Claims {
            realm: Some(realm.into()),
            store: store.map(String::from),
            network,
            ..claims
        })?)
    }

    /// A verifier of callers, as seen from `service`.
    pub fn verifier(&self, service: &str) -> anyhow::Result<Verifier> {
        Ok(Verifier::new(&self.clock, self.system.clone(), self.peer(service, "identity")?))
    }

    /// Opens the local ways to `services` and answers all their RPCs as one router.
    pub fn open(&self, services: &mut [Service]) -> anyhow::Result<Router> {
        let mut all = Router::new();
        for service in services {
            let Some(routes) = service.grpc.take() else { continue };
            let router = guard::guarded(routes, service.name, self.verifier(service.name)?);
            all = all.merge(router.clone().reset_fallback());
            if let Some(local) = self.mesh.get(service.name) {
                local.set(router).map_err(|_| anyhow::anyhow!("{} is there twice", service.name))?;
            }
        }
        Ok(all)
    }
}

/// Brings the schemas of `services` up to date, one after the other.
pub async fn migrate(settings: &Settings, services: &[(&'static str, &Migrator)]) -> anyhow::Result<()> {
    for (service, migrator) in services {
        crate::db::migrate(&settings.database(service), service, migrator).await?;
    }
    Ok(())
}

/// Runs `services` until the process is told to stop, then drains: readiness goes first, requests under way finish.
pub async fn run(env: Env, mut services: Vec<Service>, telemetry: &Telemetry) -> anyhow::Result<()> {
    let ending = Ending::default();
    let ready = Readiness::new(ending.clone(), databases(&services));
    let (settings, tls) = (Arc::clone(&env.settings), env.tls.clone());
    let health = Health::of(&services).await;
    let rpcs = env.open(&mut services)?.merge(health.with_reflection()?);
    let metrics = telemetry.metrics.clone();
    let ops = ready.ops().route("/metrics", get(move || async move { metrics.render() }));
    let http = services.iter_mut().filter_map(|service| service.http.take()).reduce(Router::merge);

    let mut listeners = JoinSet::new();
    listeners.spawn(Listener::bind(settings.ops_listen, tls.ops).await?.serve(ops, ending.clone()));
    listeners.spawn(Listener::bind(settings.grpc_listen, tls.grpc).await?.renewing().serve(rpcs, ending.clone()));
    if let Some(http) = http {
        let listener = Listener::bind(settings.http_listen, tls.http).await?.holding(settings.http_connections);
        listeners.spawn(listener.serve(http.merge(ready.public()), ending.clone()));
    }
    let tasks_stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    for task in services.into_iter().flat_map(|service| service.tasks) {
        tasks.spawn(keep(task, tasks_stop.clone()));
    }
    tracing::info!(http = %settings.http_listen, grpc = %settings.grpc_listen, ops = %settings.ops_listen, "serving");

    told_to_stop().await?;
    tracing::info!("draining");
    ending.announced.cancel();
    health.report(ServingStatus::NotServing).await;
    tokio::time::sleep(Duration::from_secs(settings.drain_delay)).await;
    ending.begun.cancel();
    // Long-lived connections that stay idle do not hold the process up for ever.
    let _ = tokio::time::timeout(Duration::from_secs(15), listeners.join_all()).await;
    tasks_stop.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(5), tasks.join_all()).await;
    telemetry.finish();
    Ok(())
}

/// Runs a task again whenever it ends by itself or panics.
async fn keep(task: Task, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if std::panic::AssertUnwindSafe(task(stop.clone())).catch_unwind().await.is_err() {
            tracing::error!("a task panicked and is started again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupt = tokio::signal::ctrl_c() => interrupt?,
    }
    Ok(())
}

fn databases(services: &[Service]) -> Vec<Db> {
    services.iter().filter_map(|service| service.db.clone()).collect()
}

/// What gRPC clients ask about: whether a service is served, and what it offers.
struct Health {
    reporter: HealthReporter,
    router: Router,
    names: Vec<&'static str>,
}

impl Health {
    async fn of(services: &[Service]) -> Self {
        let (reporter, server) = tonic_health::server::health_reporter();
        let names = services.iter().flat_map(|service| service.rpcs.iter().copied()).chain([""]).collect();
        let health = Self { reporter, router: Routes::new(server).into_axum_router().reset_fallback(), names };
        health.report(ServingStatus::Serving).await;
        health
    }

    async fn report(&self, status: ServingStatus) {
        for name in &self.names {
            self.reporter.set_service_status(*name, status).await;
        }
    }

    fn with_reflection(&self) -> anyhow::Result<Router> {
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()?;
        Ok(self.router.clone().merge(Routes::new(reflection).into_axum_router().reset_fallback()))
    }
}
