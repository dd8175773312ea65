//! Settings of a process, by flag or environment: `patron run --help` is their reference.
use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use base::{clock::Clock, secret::Secrets};
use chrono::TimeDelta;
use files::FileSettings;
use mesh::tls::TlsSettings;
pub use mesh::{messengers::MessengerSettings, providers::ProviderSettings};

/// What every process needs, whatever it runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// PostgreSQL; `PATRON_<SERVICE>_DATABASE_URL` puts one service into a database of its own.
    #[arg(long, env = "PATRON_DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// nats-server with JetStream; several of a cluster are separated by commas.
    #[arg(long, env = "PATRON_NATS_URL", hide_env_values = true)]
    pub nats_url: String,
    /// 64 hexadecimal digits that every key of the installation is derived from. Several, separated by commas: the first
    /// makes what is new, all of them are good for what is there.
    #[arg(long, env = "PATRON_SECRET", hide_env_values = true)]
    pub secret: String,
    /// Where gateway and console listen.
    #[arg(long, env = "PATRON_HTTP_LISTEN", default_value = "127.0.0.1:8080")]
    pub http_listen: SocketAddr,
    /// Connections that gateway and console hold at once. Whoever comes beyond waits until one is free; meanwhile each
    /// connection ends with its answer.
    #[arg(long, env = "PATRON_HTTP_CONNECTIONS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_connections: u32,
    /// Where the services of this process listen for gRPC; those of other processes are found by
    /// `PATRON_<SERVICE>_URL`.
    #[arg(long, env = "PATRON_GRPC_LISTEN", default_value = "127.0.0.1:8081")]
    pub grpc_listen: SocketAddr,
    /// Where operators look: /livez, /readyz, /metrics. Not for the public.
    #[arg(long, env = "PATRON_OPS_LISTEN", default_value = "127.0.0.1:8082")]
    pub ops_listen: SocketAddr,
    /// Address that mails and links name; the HTTP listener's by default.
    #[arg(long, env = "PATRON_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Database connections of each service.
    #[arg(long, env = "PATRON_DB_POOL", default_value_t = 6)]
    pub db_pool: u32,
    /// Log filter, such as `info,sqlx=warn`.
    #[arg(long, env = "PATRON_LOG", default_value = "info,sqlx=warn,async_nats=warn")]
    pub log: String,
    /// OTLP collector (gRPC) that traces go to, by `http://` or, trusted as peers are, `https://`; without it nothing is
    /// traced.
    #[arg(long, env = "PATRON_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Seconds that readiness goes before the listeners, for load balancers to notice. Everybody is served meanwhile;
    /// clients of HTTP/1 are told to come back by another connection.
    #[arg(long, env = "PATRON_DRAIN_DELAY", default_value_t = 0)]
    pub drain_delay: u64,
    /// Moves the clock by seconds; for tests of skew.
    #[arg(long, env = "PATRON_CLOCK_OFFSET", default_value_t = 0, allow_hyphen_values = true, hide = true)]
    pub clock_offset: i64,
    /// Folder that mail goes to while no SMTP server is set.
    #[arg(long, env = "PATRON_MAIL_DIR", default_value = ".patron/mail")]
    pub mail_dir: PathBuf,
    /// Folder that text messages go to while no provider of them is set.
    #[arg(long, env = "PATRON_SMS_DIR", default_value = ".patron/sms")]
    pub sms_dir: PathBuf,
    /// Folder that push messages go to while no service of the device's platform is set.
    #[arg(long, env = "PATRON_PUSH_DIR", default_value = ".patron/push")]
    pub push_dir: PathBuf,
    /// Where files lie.
    #[command(flatten)]
    pub files: FileSettings,
    /// Name that messages of no store are sent in, such as links to the account portal.
    #[arg(long, env = "PATRON_HOUSE_NAME", default_value = "Patron")]
    pub house_name: String,
    /// Mail address that those come from.
    #[arg(long, env = "PATRON_MAIL_FROM", default_value = "no-reply@patron.invalid")]
    pub mail_from: String,
    /// SMTP server, such as `smtps://user:password@mail.example.com`; mail goes to a folder without it.
    #[arg(long, env = "PATRON_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Requests per second that the gateway takes from one credential and address, twice as many at once; gateway and
    /// console take four times that from one address, whatever it presents. 0 for any number.
    #[arg(long, env = "PATRON_RATE_LIMIT", default_value_t = 100)]
    pub rate_limit: u32,
    /// Tries of passwords and codes from one address at once; 0 for any number. Shop fronts that sign customers in from a
    /// server of theirs must be among the trusted proxies, or share one measure.
    #[arg(long, env = "PATRON_LOGIN_BURST", default_value_t = 10)]
    pub login_burst: u32,
    /// How many of those come back in a minute; 0 for any number.
    #[arg(long, env = "PATRON_LOGIN_RATE", default_value_t = 5)]
    pub login_rate: u32,
    /// Codes and links to one recipient at once, as far as one network address asks for them; 0 for any number.
    #[arg(long, env = "PATRON_MESSAGE_BURST", default_value_t = 3)]
    pub message_burst: u32,
    /// How many of those come back in an hour; 0 for any number.
    #[arg(long, env = "PATRON_MESSAGE_RATE", default_value_t = 1)]
    pub message_rate: u32,
    /// Accounts that one address may make in an hour; 0 for any number.
    #[arg(long, env = "PATRON_REGISTRATION_RATE", default_value_t = 5)]
    pub registration_rate: u32,
    /// Days after which a solved ticket closes by itself.
    #[arg(long, env = "PATRON_TICKET_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
    pub ticket_days: u16,
    /// Networks of reverse proxies whose X-Forwarded-For is believed, such as `10.0.0.0/8,fd00::/8`; none by default.
    #[arg(long, env = "PATRON_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// Providers that customers sign in with.
    #[command(flatten)]
    pub providers: ProviderSettings,
    /// Lets webhooks lead to private addresses, to any port and by plain http: for development, never where strangers can
    /// set them up.
    #[arg(long, env = "PATRON_WEBHOOKS_INSIDE")]
    pub webhooks_inside: bool,
    /// Providers of text and push messages.
    #[command(flatten)]
    pub messengers: MessengerSettings,
    /// Where Stripe's API is.
    #[arg(long, env = "PATRON_STRIPE_URL", default_value = "https://api.stripe.com")]
    pub stripe_url: String,
    /// Encryption on the way.
    #[command(flatten)]
    pub tls: TlsSettings,
}

impl Settings {
    /// The database of `service`.
    #[must_use]
    pub fn database(&self, service: &str) -> String {
        own(service, "DATABASE_URL").unwrap_or_else(|| self.database_url.clone())
    }

    /// Where `service` listens when another process runs it.
    #[must_use]
    pub fn remote(service: &str) -> Option<String> {
        own(service, "URL")
    }

    /// The address that mails and links name, without a slash at its end.
    #[must_use]
    pub fn public(&self) -> String {
        let url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.http_listen));
        url.trim_end_matches('/').to_owned()
    }

    /// The clock of this process.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::system(TimeDelta::seconds(self.clock_offset))
    }

    /// The root of all keys.
    pub fn secrets(&self) -> anyhow::Result<Secrets> {
        Secrets::parse(&self.secret).context("PATRON_SECRET")
    }
}

fn own(service: &str, what: &str) -> Option<String> {
    let name = format!("PATRON_{}_{what}", service.to_uppercase());
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
