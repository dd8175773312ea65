//! `patron doctor`: compares what services derived from each other's events with those who know it, reports and, when
//! asked to, repairs (PL-2). It works while the house runs, reads page by page, and sees ids only, never a name.
mod advice;
mod books;
mod comparison;
mod delivery;
mod peers;
mod report;
mod withdrawal;

use std::{process::ExitCode, time::Duration};

use clap::Args;
use kit::settings::Settings;

use self::{
    comparison::Comparison,
    delivery::{Deliveries, Horizon},
    peers::{Peers, RELATIONS, Relation},
    report::Report,
    withdrawal::Withdrawal,
};

/// Longest pause before something is looked at for the second time.
const PAUSE: Duration = Duration::from_secs(3);

/// Who derives something from what others tell.
const SERVICES: [&str; 5] = ["customers", "carts", "notifications", "reviews", "orders"];

/// What to look at, and what to do about it.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Put right what can be put right; without it nothing is written.
    #[arg(long)]
    repair: bool,
    /// Only the rows of these services.
    #[arg(long, value_delimiter = ',', value_parser = SERVICES)]
    only: Vec<String>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
    /// Seconds that an event may take, and that clocks of processes may differ; what is younger is left out.
    #[arg(long, default_value_t = 60)]
    grace: u32,
}

/// Whose projections to derive anew.
#[derive(Args, Clone, Debug)]
pub struct Projections {
    /// What these services keep.
    #[arg(required = true, value_parser = SERVICES)]
    services: Vec<String>,
    /// Print JSON, for machines.
    #[arg(long)]
    json: bool,
    /// Seconds that an event may take, and that clocks of processes may differ; what is younger comes by itself.
    #[arg(long, default_value_t = 60)]
    grace: u32,
}

impl From<Projections> for Options {
    fn from(Projections { services, json, grace }: Projections) -> Self {
        Self { repair: true, only: services, json, grace }
    }
}

impl Options {
    fn wants(&self, service: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == service)
    }

    fn grace(&self) -> Duration {
        Duration::from_secs(self.grace.into())
    }
}

/// Looks, and says what it found: 0 when all is well or was put right, 1 when something is left, 2 when it could not
/// look.
pub async fn carry_out(settings: Settings, options: &Options) -> ExitCode {
    let json = options.json;
    match look(settings, options).await.and_then(|report| Ok((report.show(json)?, report.is_healthy()))) {
        Ok((text, healthy)) => {
            println!("{text}");
            if healthy { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(error) => {
            eprintln!("the doctor could not look: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn look(settings: Settings, options: &Options) -> anyhow::Result<Report> {
    let env = crate::in_process(settings).await?;
    let peers = Peers::new(&env)?;
    let mut report = Report::default();
    let deliveries = Deliveries::look(&env, options.grace(), &mut report).await?;
    for relation in RELATIONS {
        let horizon = deliveries.horizon(relation.source, env.clock.now());
        examine(&peers, relation, horizon, options, &mut report).await?;
    }
    let now = deliveries.horizon("orders", env.clock.now());
    for service in ["customers", "orders"].into_iter().filter(|service| options.wants(service)) {
        books::inspect(&peers, service, now.until, options.repair, &mut report).await?;
    }
    Ok(report)
}

/// Looks at one relation from both ends: what happened and is not known, what is said and did not happen.
async fn examine(
    peers: &Peers,
    relation: &Relation,
    horizon: Horizon,
    options: &Options,
    report: &mut Report,
) -> anyhow::Result<()> {
    let wanted: Vec<_> = relation.projections.iter().copied().filter(|name| options.wants(name)).collect();
    let case = Case { peers, relation, horizon, repair: options.repair, pause: PAUSE.min(options.grace()) };
    let mut comparisons: Vec<_> = wanted.iter().map(|name| Comparison::new(&case, name)).collect();
    if !comparisons.is_empty() {
        comparison::run(&case, &mut comparisons, report).await?;
    }
    if relation.claims {
        for projection in wanted {
            Withdrawal::new(&case, projection).run(report).await?;
        }
    }
    Ok(())
}

/// A relation under examination.
struct Case<'a> {
    peers: &'a Peers,
    relation: &'a Relation,
    horizon: Horizon,
    repair: bool,
    pause: Duration,
}
