//! The real binary, as one process or one per service, on a fresh database and a broker of its own.
use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use kit::{
    assertion::{Claims, Signer},
    clock::Clock,
    secret::Secrets,
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::PgPool;
use tempfile::TempDir;
use testing::{
    broker::{Broker, free_port},
    database,
    rig::SECRET,
};
use tonic::{Request, metadata::MetadataValue, transport::Channel};

use crate::{authority::Trust, eventually, http::Http};

/// The environment variable with the path of the binary under test.
const BINARY: &str = "PATRON_BIN";

/// How the house is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All services in one process.
    One,
    /// Each service in a process of its own; gateway and console together.
    Separate,
}

/// A running house. It ends when it is dropped.
pub struct House {
    /// Its broker.
    pub broker: Broker,
    /// Its public API.
    pub http: Http,
    database: String,
    folder: TempDir,
    /// Extra environment of every process.
    extra: Vec<(&'static str, String)>,
    members: HashMap<&'static str, Process>,
    /// How to speak to it.
    trust: Trust,
}

struct Process {
    services: Vec<&'static str>,
    http: u16,
    grpc: u16,
    ops: u16,
    /// Environment of this process alone.
    own: Vec<(&'static str, String)>,
    child: Option<Child>,
}

impl Process {
    fn of(services: Vec<&'static str>) -> anyhow::Result<Self> {
        let (http, grpc, ops) = (free_port()?, free_port()?, free_port()?);
        Ok(Self { services, http, grpc, ops, own: Vec::new(), child: None })
    }
}

impl House {
    /// Starts a house of all services in one process.
    pub async fn one() -> anyhow::Result<Self> {
        Self::start(Form::One, Vec::new()).await
    }

    /// The same with one connection to the database for each service: whatever needs two at once waits for ever, and
    /// fails.
    pub async fn narrow() -> anyhow::Result<Self> {
        Self::start(Form::One, vec![("PATRON_DB_POOL", "1".to_owned())]).await
    }

    /// Starts a house in this form, with `extra` environment.
    pub async fn start(form: Form, extra: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        let database = database::fresh(&house::migrators(&house::SERVICES)).await?;
        Self::start_on(database, form, extra).await
    }

    /// Starts a house on the migrated `database`.
    pub async fn start_on(database: String, form: Form, extra: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        let mut members = HashMap::new();
        for (name, services) in layout(form) {
            members.insert(name, Process::of(services)?);
        }
        let trust = Trust::of(&extra)?;
        let base = format!("{}://127.0.0.1:{}", trust.scheme(), members["gateway"].http);
        let http = Http::new(trust.client.clone(), base);
        let (broker, folder) = (Broker::start()?, tempfile::tempdir()?);
        let mut house = Self { broker, http, database, folder, extra, members, trust };
        for name in house.members.keys().copied().collect::<Vec<_>>() {
            house.revive(name)?;
        }
        house.ready().await?;
        Ok(house)
    }

    /// Waits until every process says that it is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        self.ready_but(&[]).await
    }

    /// The same but for those that do not run.
    pub async fn ready_but(&self, absent: &[&str]) -> anyhow::Result<()> {
        for (name, process) in self.members.iter().filter(|(name, _)| !absent.contains(*name)) {
            let url = format!("{}://127.0.0.1:{}/readyz", self.trust.scheme(), process.ops);
            let what = format!("{name} is ready");
            let started = eventually(&what, || async {
                Ok(self.trust.client.get(&url).send().await.ok().filter(|answer| answer.status().is_success()))
            });
            started.await.with_context(|| self.log(name))?;
        }
        Ok(())
    }

    /// Starts a second process of `service`, called `twin`, with an environment of its own. Nobody calls it, but it
    /// works on what there is to do.
    pub async fn double(
        &mut self,
        service: &'static str,
        twin: &'static str,
        own: Vec<(&'static str, String)>,
    ) -> anyhow::Result<()> {
        self.members.insert(twin, Process { own, ..Process::of(vec![service])? });
        self.revive(twin)?;
        self.ready().await
    }

    /// Starts the process that runs `name` again.
    pub fn revive(&mut self, name: &'static str) -> anyhow::Result<()> {
        let mut command = self.command(name)?;
        let process = self.members.get_mut(name).context("no such process")?;
        process.child = Some(command.spawn()?);
        Ok(())
    }

    fn command(&self, name: &'static str) -> anyhow::Result<Command> {
        let binary: PathBuf =
            std::env::var_os(BINARY).with_context(|| format!("{BINARY} is not set: run `cargo xtask test`"))?.into();
        let process = &self.members[name];
        let local = |port: u16| format!("127.0.0.1:{port}");
        let mut command = Command::new(binary);
        command.arg("run").args(&process.services);
        command.env("PATRON_DATABASE_URL", &self.database).env("PATRON_NATS_URL", self.broker.url());
        command.env("PATRON_SECRET", SECRET).env("PATRON_PUBLIC_URL", self.http.base());
        command.env("PATRON_HTTP_LISTEN", local(process.http)).env("PATRON_GRPC_LISTEN", local(process.grpc));
        command.env("PATRON_OPS_LISTEN", local(process.ops)).env("PATRON_LOG", "info,sqlx=warn,async_nats=warn");
        // Journeys sign many people in from one address.
        command.env("PATRON_LOGIN_RATE", "0").env("PATRON_MESSAGE_RATE", "0").env("PATRON_REGISTRATION_RATE", "0");
        command.env("PATRON_FILES_DIR", self.folder.path().join("files"));
        for (channel, variable) in [("mail", "PATRON_MAIL_DIR"), ("sms", "PATRON_SMS_DIR"), ("push", "PATRON_PUSH_DIR")]
        {
            command.env(variable, self.folder.path().join(channel));
        }
        for (peer, other) in &self.members {
            if other.services.contains(peer) && !process.services.contains(peer) {
                let url = format!("{}://{}", self.trust.scheme(), local(other.grpc));
                command.env(format!("PATRON_{}_URL", peer.to_uppercase()), url);
            }
        }
        command.envs(self.extra.iter().chain(&process.own).map(|(name, value)| (name, value)));
        let log = File::options().create(true).append(true).open(self.log_file(name))?;
        command.stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    fn log_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    /// What the process that runs `name` has logged.
    #[must_use]
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.log_file(name)).unwrap_or_default()
    }

    /// Kills the process that runs `name` without warning.
    pub fn kill(&mut self, name: &'static str) -> anyhow::Result<()> {
        let process = self.members.get_mut(name).context("no such process")?;
        if let Some(mut child) = process.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Tells the process that runs `name` to stop, and waits until it has.
    pub async fn stop(&mut self, name: &'static str) -> anyhow::Result<std::process::ExitStatus> {
        let process = self.members.get_mut(name).context("no such process")?;
        let Some(mut child) = process.child.take() else { bail!("{name} does not run") };
        kill_process(Pid::from_child(&child), Signal::TERM)?;
        Ok(tokio::task::spawn_blocking(move || child.wait()).await??)
    }

    /// Sends `signal` to the process that runs `name`, such as one that freezes it.
    pub fn signal(&self, name: &str, signal: Signal) -> anyhow::Result<()> {
        let child = self.members.get(name).and_then(|process| process.child.as_ref());
        Ok(kill_process(Pid::from_child(child.with_context(|| format!("{name} does not run"))?), signal)?)
    }

    /// Gives the process that runs `name` an environment of its own, which it sees when it is next started.
    pub fn equip(&mut self, name: &str, own: Vec<(&'static str, String)>) -> anyhow::Result<()> {
        self.members.get_mut(name).context("no such process")?.own = own;
        Ok(())
    }

    /// A pool on the tables of `service`, to look at what no API shows.
    pub async fn tables(&self, service: &str) -> anyhow::Result<PgPool> {
        Ok(PgPool::connect_with(kit::db::options(&self.database, service)?).await?)
    }

    /// The URL of its database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Where `service` listens for gRPC.
    #[must_use]
    pub fn grpc(&self, service: &str) -> String {
        let process = self.members.get(service);
        let process = process.or_else(|| self.members.values().next());
        format!("{}://127.0.0.1:{}", self.trust.scheme(), process.map(|process| process.grpc).unwrap_or_default())
    }

    /// Where the process that runs `name` tells operators about itself.
    #[must_use]
    pub fn ops(&self, name: &str) -> String {
        format!("{}://127.0.0.1:{}", self.trust.scheme(), self.members[name].ops)
    }

    /// A connection to `service`.
    pub fn channel(&self, service: &str) -> anyhow::Result<Channel> {
        mesh::remote::channel(&self.grpc(service), self.trust.peers.clone())
    }

    /// The folder that holds what was sent by `channel`: mail, sms or push.
    #[must_use]
    pub fn sent(&self, channel: &str) -> PathBuf {
        self.folder.path().join(channel)
    }

    /// A folder that lives as long as the house.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// `message` as a call of the house itself.
pub fn system<T>(message: T) -> anyhow::Result<Request<T>> {
    let clock = Clock::system(TimeDelta::default());
    let signer = Signer::system(&Secrets::parse(SECRET)?)?;
    let token = signer.sign(&Claims::new(kit::actor::Kind::System, "journey", clock.now()))?;
    bearer(message, &token)
}

/// `message` with these credentials.
pub fn bearer<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
    Ok(request)
}

fn layout(form: Form) -> Vec<(&'static str, Vec<&'static str>)> {
    match form {
        Form::One => vec![("gateway", house::SERVICES.to_vec())],
        Form::Separate => {
            let alone = house::SERVICES.into_iter().filter(|name| !["gateway", "console"].contains(name));
            alone.map(|name| (name, vec![name])).chain([("gateway", vec!["gateway", "console"])]).collect()
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for process in self.members.values_mut() {
            if let Some(mut child) = process.child.take() {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
        if std::thread::panicking() {
            for name in self.members.keys() {
                eprintln!("──── log of {name}\n{}", self.log(name));
            }
        }
    }
}
