//! The steps of `cargo xtask bench`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::goal;
use super::ground::Ground;
use super::loading::{Loading, Wanted};
use super::pgbench::Pgbench;
use super::report::{FormReport, Limits, Machine, PgbenchRates, Price, Report};
use super::table;
use crate::cargo;
use crate::checkout::Checkout;
use crate::ports::Ports;
use crate::process;
use crate::progress::{self, Step};
use crate::up::{self, House};

/// What needs no house.
const PRICING: &str = "pricing";
/// What the load program can do.
const SCENARIOS: [&str; 12] = [
    PRICING,
    "customer",
    "customer_masked",
    "customer_noted",
    "search",
    "sort",
    "profile",
    "login_wrong",
    "login_unknown",
    "login",
    "cart_line",
    "purchase",
];

/// What `cargo xtask bench` is asked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Customers of the store; each number has data of its own, which is kept
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    customers: u32,
    /// How long each measurement takes; 0 measures nothing
    #[arg(long, value_name = "N", default_value_t = 8)]
    seconds: u32,
    /// How many load the house at once
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,64")]
    connections: Vec<u32>,
    /// Only these
    #[arg(long, value_name = "SCENARIO", value_delimiter = ',', value_parser = SCENARIOS)]
    only: Vec<String>,
    /// How the house is run
    #[arg(long, value_enum, default_value_t = Form::Both)]
    form: Form,
    /// Measure this program instead of building one, to compare two of them
    #[arg(long, value_name = "FILE")]
    patron: Option<PathBuf>,
    /// Leave everything running, and say how to load it by hand
    #[arg(long)]
    keep: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// All services in one process
    One,
    /// Every service in a process of its own
    Separate,
    /// The one after the other
    Both,
}

impl Form {
    const fn name(self) -> &'static str {
        if matches!(self, Self::Separate) { "separate" } else { "one" }
    }
}

type Settings = BTreeMap<&'static str, String>;

/// What is measured, and with what.
struct Bench<'a> {
    checkout: &'a Checkout,
    /// Where the data of this number of customers is.
    corner: Checkout,
    options: &'a Options,
    patron: PathBuf,
    loading: Loading,
    ground: Ground,
    settings: Settings,
    /// Two at once would measure each other.
    _lock: File,
}

/// Measures, prints one report and writes it. Flows that failed make it fail.
pub fn bench(checkout: &Checkout, options: &Options) -> Result<()> {
    let bench = Bench::set_up(checkout, options)?;
    bench.seed()?;
    let (report, house) = bench.measure()?;
    println!("{}", table::render(&report));
    if options.seconds > 0 {
        report.write(&checkout.state("bench.json"))?;
        report.write(&bench.corner.state("bench.json"))?;
        progress::say(&format!("written to {}", checkout.state("bench.json").display()));
    }
    if options.keep
        && let Some(house) = house
    {
        println!("Left running. To load it:\n\n  {}\n", bench.loading.by_hand(&bench.ground, &house.pids()));
        house.keep();
        bench.ground.keep();
    }
    match report.errors() {
        0 => Ok(()),
        errors => bail!("{errors} flows failed"),
    }
}

impl<'a> Bench<'a> {
    fn set_up(checkout: &'a Checkout, options: &'a Options) -> Result<Self> {
        let corner = checkout.corner(&format!("bench/{}", options.customers));
        let seeded = corner.state("seeded").exists();
        // Where PostgreSQL lies is found first: its user must be able to enter the directories made here.
        crate::postgres::Home::find(checkout)?;
        let lock = File::create(corner.directory(".")?.join("lock"))?;
        if lock.try_lock().is_err() {
            bail!("`cargo xtask bench` runs already in this checkout");
        }
        let (patron, load) = build(checkout, options.patron.as_deref())?;
        House::stop_left_over(&corner);
        let ground = Ground::start(checkout, &corner, !seeded)?;
        let settings = settings(&corner, &ground)?;
        let loading = Loading::new(&corner, &load)?;
        Ok(Self { checkout, corner, options, patron, loading, ground, settings, _lock: lock })
    }

    /// Fills the database, unless an earlier run did.
    fn seed(&self) -> Result<()> {
        let logs = self.corner.directory("logs")?;
        let patron = |arguments: &[&str]| {
            let mut command = Command::new(&self.patron);
            command.args(arguments).envs(&self.settings).current_dir(self.checkout.root());
            command
        };
        let done = self.corner.state("seeded");
        let (demo, customers) = (self.corner.state("demo.json"), self.options.customers.to_string());
        if !done.exists() {
            for left_over in [&demo, &self.corner.state("access.json"), &self.corner.state("pgbench-scale")] {
                let _ = fs::remove_file(left_over);
            }
        }
        process::run_logged(&mut patron(&["migrate"]), &logs.join("migrate.log"))?;
        let demo = demo.display().to_string();
        process::run_logged(&mut patron(&["seed", "--demo", &demo]), &logs.join("seed.log"))?;
        if !done.exists() {
            let step = Step::begin(&format!("making {customers} customers"));
            process::run(&mut patron(&["seed", "--customers", &customers]))?;
            fs::write(done, "")?;
            step.done("made");
            // By a house that nobody measures: what it took for this is no memory of one that rests.
            let (house, _) = self.start(Form::One)?;
            self.settle()?;
            drop(house);
        }
        Ok(())
    }

    /// Starts a house; answers how long that took.
    fn start(&self, form: Form) -> Result<(House, Duration)> {
        let mut ports = Ports::open(&self.corner.state("ports.json"));
        let members = if form == Form::Separate { up::separate(&mut ports)? } else { up::together(&mut ports)? };
        let step = Step::begin(&format!("starting the services, form: {}", form.name()));
        let began = Instant::now();
        let mut house = House::start(&self.corner, &self.patron, &members, &self.settings)?;
        house.wait_ready()?;
        let ready = began.elapsed();
        step.done("ready");
        Ok((house, ready))
    }

    /// Waits until the house that runs has nothing left to do.
    fn settle(&self) -> Result<()> {
        let step = Step::begin("waiting until there is nothing left to do");
        self.loading.settle(&self.ground)?;
        thread::sleep(Duration::from_secs(2));
        step.done("idle");
        Ok(())
    }

    /// Answers what was measured, and the house that was measured last.
    fn measure(&self) -> Result<(Report, Option<House>)> {
        let pgbench = Pgbench::provide(self.checkout, &self.corner, &self.ground.postgres)?;
        let mut report = Report {
            machine: Machine::here(),
            customers: self.options.customers,
            seconds: self.options.seconds,
            limits: self.limits(pgbench.as_ref())?,
            prices: self.prices()?,
            forms: Vec::new(),
            goals: Vec::new(),
        };
        let mut house = None;
        for form in [Form::One, Form::Separate] {
            if self.loads() && [form, Form::Both].contains(&self.options.form) {
                // One at a time.
                drop(house.take());
                let (measured, running) = self.measure_form(form)?;
                report.forms.push(measured);
                house = Some(running);
            }
        }
        if let Some(pgbench) = &pgbench {
            for rates in &mut report.limits.pgbench {
                rates.select_again = pgbench.select(rates.clients, self.options.seconds)?;
            }
        }
        let smaller = fs::read_to_string(self.checkout.state("bench/100000/bench.json")).ok();
        let smaller = smaller.and_then(|text| serde_json::from_str(&text).ok());
        report.goals = goal::judge(&report, smaller.as_ref());
        Ok((report, house))
    }

    /// Whether a house is measured, too.
    fn loads(&self) -> bool {
        self.options.only.is_empty() || self.options.only.iter().any(|one| one != PRICING)
    }

    /// What prices cost.
    fn prices(&self) -> Result<Vec<Price>> {
        let only = &self.options.only;
        if self.options.seconds == 0 || !(only.is_empty() || only.iter().any(|one| one == PRICING)) {
            return Ok(Vec::new());
        }
        let step = Step::begin("pricing carts");
        let prices = self.loading.prices()?;
        step.done("priced");
        Ok(prices)
    }

    fn limits(&self, pgbench: Option<&Pgbench>) -> Result<Limits> {
        let mut limits = Limits::default();
        let seconds = self.options.seconds;
        if seconds == 0 || !self.loads() {
            return Ok(limits);
        }
        let step = Step::begin("measuring what the machine can do");
        limits.hashes = self.loading.hashes()?;
        for (round, &clients) in self.options.connections.iter().enumerate() {
            let Some(pgbench) = pgbench else { break };
            if round == 0 {
                // Everything into memory.
                pgbench.select(clients, 2)?;
            }
            let (select, tpcb) = (pgbench.select(clients, seconds)?, pgbench.tpcb(clients, seconds)?);
            limits.pgbench.push(PgbenchRates { clients, select, select_again: 0.0, tpcb });
        }
        step.done("measured");
        Ok(limits)
    }

    fn measure_form(&self, form: Form) -> Result<(FormReport, House)> {
        let (house, ready) = self.start(form)?;
        self.settle()?;
        let memory_idle = house.pids().into_iter().map(resident).sum();
        self.loading.prepare(&self.ground)?;
        let Options { seconds, connections, only, .. } = self.options;
        let scenarios: Vec<_> = only.iter().filter(|one| *one != PRICING).cloned().collect();
        let wanted = Wanted { scenarios: &scenarios, connections, seconds: *seconds };
        let measurements =
            if *seconds == 0 { Vec::new() } else { self.loading.run(&wanted, &self.ground, &house.pids())? };
        let form = FormReport {
            form: form.name().to_owned(),
            ready_ms: ready.as_secs_f64() * 1000.0,
            memory_idle,
            memory_loaded: measurements.iter().map(|measurement| measurement.memory).max().unwrap_or_default(),
            measurements,
        };
        Ok((form, house))
    }
}

/// Builds what loads the house, and the program that is measured unless it is `given`; answers the latter first.
fn build(checkout: &Checkout, given: Option<&Path>) -> Result<(PathBuf, PathBuf)> {
    let step = Step::begin("building in release (minutes the first time)");
    let mut arguments = vec!["--release", "--package", "load"];
    if given.is_none() {
        arguments.extend(["--package", "patron"]);
    }
    let mut programs = cargo::build(checkout, &arguments)?;
    step.done("built");
    let mut program = |name: &str| programs.remove(name).with_context(|| format!("the build made no `{name}`"));
    let load = program("load")?;
    let patron = given.map_or_else(|| program("patron"), |given| Ok(given.canonicalize()?))?;
    Ok((patron, load))
}

fn settings(corner: &Checkout, ground: &Ground) -> Result<Settings> {
    // The house is given the same one, since it is remembered.
    let http = Ports::open(&corner.state("ports.json")).pick("http", 8480)?;
    let mut settings = BTreeMap::from([
        ("PATRON_PUBLIC_URL", format!("http://127.0.0.1:{http}")),
        ("PATRON_DATABASE_URL", ground.postgres.url("patron")),
        ("PATRON_NATS_URL", ground.nats.url()),
        ("PATRON_SECRET", up::own_secret(&corner.state("secret"))?),
        ("PATRON_RATE_LIMIT", "0".to_owned()),
        ("PATRON_LOGIN_RATE", "0".to_owned()),
        ("PATRON_MESSAGE_RATE", "0".to_owned()),
        ("PATRON_REGISTRATION_RATE", "0".to_owned()),
    ]);
    for (name, directory) in [("PATRON_MAIL_DIR", "mail"), ("PATRON_SMS_DIR", "sms"), ("PATRON_PUSH_DIR", "push")] {
        // Tens of thousands of mails of earlier runs.
        empty(&corner.state(directory))?;
        settings.insert(name, corner.directory(directory)?.display().to_string());
    }
    Ok(settings)
}

fn empty(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    Ok(())
}

/// Resident memory of a process in bytes.
fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * rustix::param::page_size() as u64
}
