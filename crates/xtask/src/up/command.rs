//! The steps of `cargo xtask up`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::backing::Backing;
use super::demo::Demo;
use super::front::Front;
use super::member;
use super::running::House;
use crate::cargo;
use crate::checkout::Checkout;
use crate::interrupt;
use crate::ports::Ports;
use crate::process;
use crate::progress::Step;
use crate::secret;

/// What `cargo xtask up` is asked for.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Delete the data of earlier runs first
    #[arg(long)]
    reset: bool,
    /// Run every service as a process of its own
    #[arg(long)]
    separate: bool,
    /// Add this many made-up customers, with carts, orders and reviews
    #[arg(long, value_name = "N")]
    customers: Option<u32>,
}

/// What every process is told, by variable.
type Settings = BTreeMap<&'static str, String>;

/// Runs the house until somebody asks to stop or a part of it falls.
pub fn up(checkout: &Checkout, options: Options) -> Result<()> {
    let _lock = lock(checkout)?;
    House::stop_left_over(checkout);
    Front::stop_left_over(checkout);
    if options.reset {
        forget(checkout)?;
    }
    let mut ports = Ports::open(&checkout.state("ports.json"));
    let mut backing = Backing::start(checkout, &mut ports, options.reset)?;
    let (program, shop) = build(checkout)?;
    let members = if options.separate { member::separate(&mut ports)? } else { member::together(&mut ports)? };
    let http = members.iter().map(|member| member.http).max().unwrap_or_default();
    let base_url = env::var("PATRON_PUBLIC_URL").unwrap_or_else(|_| format!("http://127.0.0.1:{http}"));
    let settings = settings(checkout, &backing, &base_url)?;

    prepare(checkout, &program, &settings, options.customers)?;
    let demo = Demo::read(&checkout.state("demo.json"), &base_url)?;
    let step = Step::begin("starting the services");
    let mut house = House::start(checkout, &program, &members, &settings)?;
    house.wait_ready()?;
    step.done("ready");
    let mut front = Front::start(checkout, &shop, &mut ports)?;
    println!("{}", demo.welcome(&base_url, &front.url));

    while !interrupt::requested() {
        if let Some(obituary) = house.fallen().or_else(|| backing.fallen()).or_else(|| front.fallen()) {
            bail!(obituary);
        }
        interrupt::pause();
    }
    Ok(())
}

/// Held as long as the house is up: a second one on the same data would break both.
fn lock(checkout: &Checkout) -> Result<fs::File> {
    let file = fs::File::create(checkout.directory(".")?.join("up.lock"))?;
    if file.try_lock().is_err() {
        bail!("`cargo xtask up` runs already in this checkout");
    }
    Ok(file)
}

/// Deletes what earlier runs left beside the servers' own data.
fn forget(checkout: &Checkout) -> Result<()> {
    for name in ["mail", "sms", "push"] {
        let directory = checkout.state(name);
        if directory.exists() {
            fs::remove_dir_all(&directory).with_context(|| directory.display().to_string())?;
        }
    }
    for name in ["demo.json", "secret"] {
        let file = checkout.state(name);
        if file.exists() {
            fs::remove_file(&file).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// The house and the shop front.
fn build(checkout: &Checkout) -> Result<(PathBuf, PathBuf)> {
    let step = Step::begin("building Patron in release (minutes the first time)");
    let mut programs = cargo::build(checkout, &["--release", "--package", "patron", "--package", "shop"])?;
    step.done("built");
    let mut made = |name: &str| programs.remove(name).with_context(|| format!("the build made no program `{name}`"));
    Ok((made("patron")?, made("shop")?))
}

/// What one person who tries things from one address would run into.
const RELAXED: [(&str, &str); 7] = [
    ("PATRON_RATE_LIMIT", "0"),
    ("PATRON_LOGIN_BURST", "30"),
    ("PATRON_LOGIN_RATE", "30"),
    ("PATRON_MESSAGE_BURST", "200"),
    ("PATRON_MESSAGE_RATE", "200"),
    ("PATRON_REGISTRATION_RATE", "200"),
    // Receivers that somebody tries out are on their own machine.
    ("PATRON_WEBHOOKS_INSIDE", "true"),
];

/// Everything but addresses of single processes. What is set in the environment stays as it is.
fn settings(checkout: &Checkout, backing: &Backing, base_url: &str) -> Result<Settings> {
    let mut settings = BTreeMap::from([
        ("PATRON_DATABASE_URL", backing.database_url.clone()),
        ("PATRON_NATS_URL", backing.nats_url.clone()),
        ("PATRON_PUBLIC_URL", base_url.to_owned()),
    ]);
    let messages = [("PATRON_MAIL_DIR", "mail"), ("PATRON_SMS_DIR", "sms"), ("PATRON_PUSH_DIR", "push")];
    for (name, directory) in messages.into_iter().chain([("PATRON_FILES_DIR", "files")]) {
        if env::var_os(name).is_none() {
            settings.insert(name, checkout.directory(directory)?.display().to_string());
        }
    }
    for (name, relaxed) in RELAXED {
        if env::var_os(name).is_none() {
            settings.insert(name, relaxed.to_owned());
        }
    }
    if env::var_os("PATRON_SECRET").is_none() {
        settings.insert("PATRON_SECRET", own_secret(&checkout.state("secret"))?);
    }
    Ok(settings)
}

/// Made once, then read: tokens and sealed values outlive a restart.
pub fn own_secret(file: &Path) -> Result<String> {
    if let Ok(text) = fs::read_to_string(file) {
        return Ok(text.trim().to_owned());
    }
    let secret = secret::hex(32)?;
    fs::write(file, "")?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    fs::write(file, format!("{secret}\n"))?;
    Ok(secret)
}

/// The schema, the demo, and made-up people when they are asked for.
fn prepare(checkout: &Checkout, program: &Path, settings: &Settings, customers: Option<u32>) -> Result<()> {
    let patron = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).envs(settings).current_dir(checkout.root());
        command
    };
    let logs = checkout.directory("logs")?;
    let step = Step::begin("bringing the database up to date");
    process::run_logged(&mut patron(&["migrate"]), &logs.join("migrate.log"))?;
    step.done("up to date");

    let step = Step::begin("making the demo, unless it is there");
    let demo = checkout.state("demo.json").display().to_string();
    process::run_logged(&mut patron(&["seed", "--demo", &demo]), &logs.join("seed.log"))?;
    step.done("there");

    if let Some(customers) = customers {
        let step = Step::begin(&format!("making {customers} customers"));
        process::run(&mut patron(&["seed", "--customers", &customers.to_string()]))?;
        step.done("made");
    }
    Ok(())
}
