//! How much of it: the short form that every test run has, and the full one.
use std::time::Duration;

use anyhow::bail;

/// The environment variable that chooses: `short` (the default) or `full`.
const FORM: &str = "PATRON_FAULTS";

/// How long and how hard the house is tried.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Whether every service is frozen, more pools are filled and clocks are off both ways, and not only what hurts
    /// most.
    pub is_full: bool,
    /// People who buy, one purchase after the other.
    pub buyers: usize,
    /// Staff who give money back.
    pub givers: usize,
    /// Staff and customers who look at things.
    pub readers: usize,
    /// How long each of them pauses.
    pub pause: Duration,
    /// Steady load before a fault.
    pub before: Duration,
    /// Steady load after it.
    pub after: Duration,
    /// How long a service stays frozen: longer than any call may take.
    pub frozen: Duration,
    /// How long the tables are locked.
    pub locked: Duration,
    /// How long faults go on that are a way of working, such as a wrong clock.
    pub wrong: Duration,
}

impl Scale {
    /// The one that the environment asks for.
    pub fn chosen() -> anyhow::Result<Self> {
        match std::env::var(FORM).as_deref() {
            Ok("full") => Ok(Self::full()),
            Err(_) | Ok("short") => Ok(Self::short()),
            Ok(other) => bail!("{FORM} is short or full, not {other}"),
        }
    }

    fn short() -> Self {
        Self {
            is_full: false,
            buyers: 6,
            givers: 2,
            readers: 3,
            pause: Duration::from_millis(40),
            before: Duration::from_secs(1),
            after: Duration::from_millis(1_500),
            frozen: Duration::from_secs(12),
            locked: Duration::from_secs(5),
            wrong: Duration::from_secs(2),
        }
    }

    fn full() -> Self {
        Self {
            is_full: true,
            buyers: 16,
            givers: 4,
            readers: 8,
            pause: Duration::from_millis(20),
            before: Duration::from_secs(10),
            after: Duration::from_secs(40),
            frozen: Duration::from_secs(20),
            locked: Duration::from_secs(20),
            wrong: Duration::from_secs(10),
        }
    }
}
