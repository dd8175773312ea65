//! What is broken, how, and how it ends. Whatever was killed is started again, as a supervisor would; nothing else is
//! done by hand.
use std::{fmt, time::Duration};

use anyhow::ensure;
use e2e::{Cluster, House};
use rustix::process::Signal;
use sqlx::Connection;

use crate::{scale::Scale, stage::Stage};

/// How long what was killed stays away.
const AWAY: Duration = Duration::from_secs(2);
/// How far a clock is off, in seconds.
const SKEW: i64 = 120;
/// The environment variable that chooses faults: parts of their names with commas between.
const ONLY: &str = "PATRON_FAULTS_ONLY";

/// Services with a process of their own; the gateway's has the console, too.
const PROCESSES: [&str; 8] =
    ["notifications", "identity", "customers", "catalog", "carts", "orders", "reviews", "gateway"];

/// One thing that breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what the others are compared with.
    None,
    /// A service dies.
    Kill(&'static str),
    /// PostgreSQL dies.
    KillDatabase,
    /// nats-server dies.
    KillBroker,
    /// nats-server dies and its disk is gone.
    WipeBroker,
    /// A service stands still, its connections open.
    Freeze(&'static str),
    /// Connections of a service's pool all wait for a table that somebody holds.
    FullPool(&'static str, &'static str),
    /// Payments of this method, which the gateway takes its time with.
    Payments(&'static str, &'static str),
    /// A service's clock is off by so many seconds.
    Clock(&'static str, i64),
}

/// What of a fault clients may see, beside answers that say "later".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// Nothing.
    Nothing,
    /// Connections break; none hangs.
    Connections,
    /// Nobody is there to answer in time, or to break anything.
    Answers,
}

/// The faults of this run.
pub fn chosen(scale: &Scale) -> anyhow::Result<Vec<Fault>> {
    let mut all = vec![Fault::None];
    all.extend(PROCESSES.map(Fault::Kill));
    all.extend([Fault::KillDatabase, Fault::KillBroker, Fault::WipeBroker]);
    let frozen: &[&str] = if scale.is_full { &PROCESSES } else { &["orders"] };
    all.extend(frozen.iter().map(|name| Fault::Freeze(name)));
    all.push(Fault::FullPool("orders", "orders"));
    if scale.is_full {
        all.extend([Fault::FullPool("customers", "customers"), Fault::FullPool("carts", "carts")]);
    }
    all.push(Fault::Payments("payment gateway answers after 10 s", "pm_test_slow"));
    all.push(Fault::Payments("payment gateway answers after the time-out", "pm_test_timeout"));
    all.extend([Fault::Clock("gateway", SKEW), Fault::Clock("identity", -SKEW), Fault::Clock("orders", SKEW)]);
    if scale.is_full {
        all.extend([Fault::Clock("gateway", -SKEW), Fault::Clock("identity", SKEW), Fault::Clock("orders", -SKEW)]);
    }
    let only = std::env::var(ONLY).unwrap_or_default();
    all.retain(|fault| only.split(',').any(|part| fault.to_string().contains(part)));
    ensure!(!all.is_empty(), "{ONLY} names no fault");
    Ok(all)
}

impl Fault {
    /// The payment method that some buyers use meanwhile.
    pub fn payment_method(&self) -> Option<&'static str> {
        if let Self::Payments(_, method) = self { Some(method) } else { None }
    }

    /// What clients see break: only the gateway's connections are theirs.
    pub fn breaks(&self) -> Breaks {
        match self {
            Self::Freeze("gateway") => Breaks::Answers,
            Self::Kill("gateway") | Self::Clock(..) => Breaks::Connections,
            _ => Breaks::Nothing,
        }
    }

    /// Breaks it, waits, and ends it.
    pub async fn strike(&self, stage: &mut Stage, scale: &Scale) -> anyhow::Result<()> {
        match *self {
            Self::None | Self::Payments(..) => tokio::time::sleep(scale.wrong).await,
            Self::Kill(name) => {
                stage.house.kill(name)?;
                tokio::time::sleep(AWAY).await;
                stage.house.revive(name)?;
            }
            Self::KillDatabase => {
                stage.cluster.kill()?;
                tokio::time::sleep(AWAY).await;
                stage.cluster.revive().await?;
            }
            Self::KillBroker | Self::WipeBroker => {
                stage.house.broker.kill()?;
                tokio::time::sleep(AWAY).await;
                if *self == Self::WipeBroker {
                    stage.house.broker.lose_disk()?;
                }
                stage.house.broker.revive()?;
            }
            Self::Freeze(name) => {
                stage.house.signal(name, Signal::STOP)?;
                tokio::time::sleep(scale.frozen).await;
                stage.house.signal(name, Signal::CONT)?;
            }
            Self::FullPool(service, table) => hold(&stage.cluster, (service, table), scale.locked).await?,
            Self::Clock(name, offset) => {
                restart(&mut stage.house, name, offset).await?;
                tokio::time::sleep(scale.wrong).await;
                restart(&mut stage.house, name, 0).await?;
            }
        }
        Ok(())
    }
}

/// Keeps a table from everybody else for a while.
async fn hold(cluster: &Cluster, (service, table): (&str, &str), time: Duration) -> anyhow::Result<()> {
    let mut connection = cluster.connect("patron").await?;
    let mut tx = connection.begin().await?;
    let lock = format!("lock table {service}.{table} in access exclusive mode");
    sqlx::query(sqlx::AssertSqlSafe(lock)).execute(&mut *tx).await?;
    tokio::time::sleep(time).await;
    tx.rollback().await?;
    Ok(())
}

/// Restarts a service in an orderly way, with its clock off by `offset` seconds. What others have learned of it is
/// forgotten by a restart of the gateway.
async fn restart(house: &mut House, name: &'static str, offset: i64) -> anyhow::Result<()> {
    house.equip(name, vec![("PATRON_CLOCK_OFFSET", offset.to_string())])?;
    for name in if name == "gateway" { vec![name] } else { vec![name, "gateway"] } {
        house.stop(name).await?;
        house.revive(name)?;
    }
    Ok(())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "none"),
            Self::Kill(name) => write!(f, "{name} killed"),
            Self::KillDatabase => write!(f, "PostgreSQL killed"),
            Self::KillBroker => write!(f, "nats-server killed"),
            Self::WipeBroker => write!(f, "nats-server killed, its disk wiped"),
            Self::Freeze(name) => write!(f, "{name} frozen"),
            Self::FullPool(name, _) => write!(f, "pool of {name} full"),
            Self::Payments(name, _) => write!(f, "{name}"),
            Self::Clock(name, offset) => write!(f, "clock of {name} off by {offset} s"),
        }
    }
}
