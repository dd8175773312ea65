//! One service under test: its database, its environment, its actors and the way to it.
use chrono::{DateTime, Utc};
use clap::Parser;
use kit::{
    clock::Clock,
    service::{Env, Service},
    settings::Settings,
    transport::Transport,
};
use proto::identity::v1::{
    Colleague, Network, Store, assertion_service_server::AssertionServiceServer,
    block_service_server::BlockServiceServer, colleague_service_server::ColleagueServiceServer,
    device_service_server::DeviceServiceServer, member_service_server::MemberServiceServer,
    network_service_server::NetworkServiceServer, personal_data_service_server::PersonalDataServiceServer,
    store_service_server::StoreServiceServer,
};
use sqlx::migrate::Migrator;

use crate::{Actors, Devices, Witnesses, database, identity::Identity};

/// The root of a test's keys.
pub const SECRET: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    settings: Settings,
}

/// The address of a broker where nothing listens.
const NO_BROKER: &str = "nats://127.0.0.1:9";

/// Settings of a process on `database` and `broker`, without limits to how often somebody tries.
#[must_use]
pub fn settings(database: &str, broker: &str) -> Settings {
    let args = ["test", "--database-url", database, "--nats-url", broker, "--secret", SECRET].into_iter().chain([
        "--login-rate",
        "0",
        "--message-rate",
        "0",
        "--registration-rate",
        "0",
    ]);
    Flags::parse_from(args).settings
}

/// A service under test. Its tasks do not run, so nothing happens beside the requests.
pub struct Rig {
    /// What the service was built from.
    pub env: Env,
    /// Stands still until a test moves it.
    pub clock: Clock,
    /// Who calls.
    pub actors: Actors,
    /// Networks there are.
    pub networks: Vec<Network>,
    /// Who works for every store there is.
    pub colleagues: Vec<Colleague>,
    /// Devices there are.
    pub devices: Devices,
    /// What others know of accounts.
    pub witnesses: Witnesses,
    /// Calls of peers that are not there end in `Unavailable`.
    name: &'static str,
}

impl Rig {
    /// Prepares the environment of the service `name` on a fresh database: build the service with `rig.env`, then
    /// [`Rig::serve`] it.
    pub async fn new(name: &'static str, migrator: &Migrator) -> anyhow::Result<Self> {
        crate::log();
        let url = database::fresh(&[(name, migrator)]).await?;
        let noon: DateTime<Utc> = "2026-03-02T12:00:00Z".parse()?;
        let clock = Clock::manual(noon);
        let peers = ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];
        let env = Env::new(settings(&url, NO_BROKER), clock.clone(), &peers).await?;
        let actors = Actors::new(&clock, &env.secrets)?;
        let (networks, colleagues) = (Vec::new(), Vec::new());
        let (devices, witnesses) = (Devices::default(), Witnesses::default());
        Ok(Self { env, clock, actors, networks, colleagues, devices, witnesses, name })
    }

    /// Serves `service` and the stand-in for identity, which knows the actors' store and `stores`; answers the way
    /// to put a generated client on.
    pub fn serve(&self, service: Service, stores: Vec<Store>) -> anyhow::Result<Transport> {
        self.serve_with(service, stores, Vec::new())
    }

    /// The same with peers that the test brings along.
    pub fn serve_with(
        &self,
        service: Service,
        mut stores: Vec<Store>,
        peers: Vec<Service>,
    ) -> anyhow::Result<Transport> {
        stores.push(self.store());
        let (networks, colleagues) = (self.networks.clone(), self.colleagues.clone());
        let identity = Identity { key: self.actors.signer().public(), stores, networks, colleagues };
        let identity = Service::new("identity")
            .rpc(AssertionServiceServer::new(identity.clone()))
            .rpc(DeviceServiceServer::new(self.devices.clone()))
            .rpc(PersonalDataServiceServer::new(self.witnesses.clone()))
            .rpc(BlockServiceServer::new(self.witnesses.clone()))
            .rpc(StoreServiceServer::new(identity.clone()))
            .rpc(MemberServiceServer::new(identity.clone()))
            .rpc(ColleagueServiceServer::new(identity.clone()))
            .rpc(NetworkServiceServer::new(identity));
        let mut services = vec![service, identity];
        services.extend(peers);
        let _rpcs = self.env.open(&mut services)?; // the local ways are enough here
        self.env.peer("test", self.name)
    }

    /// The actors' store as identity would tell it.
    #[must_use]
    pub fn store(&self) -> Store {
        Store {
            id: self.actors.store.into(),
            name: "Corner Shop".to_owned(),
            realm: self.actors.realm.into(),
            network: self.actors.network.map(String::from).unwrap_or_default(),
            currency: "EUR".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            country: "DE".to_owned(),
            key: "store_test".to_owned(),
            mail_from: "shop@example.com".to_owned(),
            url: "https://shop.example.com".to_owned(),
        }
    }
}
