//! The doctor's command, and what it says.
use std::{
    collections::BTreeMap,
    process::{Command, Output},
};

use anyhow::Context;
use e2e::{House, eventually};
use serde_json::Value;
use testing::rig::SECRET;
use uuid::Uuid;

/// What a round of the doctor ended with.
pub struct Round {
    /// Exit status.
    pub status: i32,
    /// The report.
    pub report: Value,
}

/// Kinds of findings and what they are about.
pub type Findings = BTreeMap<String, Vec<String>>;

/// Runs the doctor on a database and a broker.
pub async fn call(database: &str, broker: &str, args: &[&str]) -> anyhow::Result<Output> {
    run(database, broker, &[&["doctor", "--json"], args].concat()).await
}

/// Derives anew what customers keeps.
pub async fn rebuild(house: &House, args: &[&str]) -> anyhow::Result<Round> {
    let args = [&["rebuild", "customers", "--json"], args].concat();
    read(&run(house.database(), &house.broker.url(), &args).await?)
}

async fn run(database: &str, broker: &str, args: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new(std::env::var("PATRON_BIN")?);
    command.args(args);
    command.env("PATRON_DATABASE_URL", database).env("PATRON_NATS_URL", broker).env("PATRON_SECRET", SECRET);
    Ok(tokio::task::spawn_blocking(move || command.output()).await??)
}

/// Runs the doctor in `house`.
pub async fn doctor(house: &House, args: &[&str]) -> anyhow::Result<Round> {
    read(&call(house.database(), &house.broker.url(), args).await?)
}

/// What the doctor said.
pub fn read(output: &Output) -> anyhow::Result<Round> {
    let status = output.status.code().context("the doctor was killed")?;
    let report = serde_json::from_slice(&output.stdout);
    let report = report.with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(Round { status, report })
}

impl Round {
    /// What it found, each kind in order of ids.
    pub fn findings(&self) -> Findings {
        let findings = self.report["findings"].as_array().into_iter().flatten().map(|finding| {
            let ids = finding["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            let mut ids: Vec<_> = ids.collect();
            ids.sort();
            (finding["kind"].as_str().unwrap_or_default().to_owned(), ids)
        });
        findings.collect()
    }

    /// How many of a kind were put right.
    pub fn repaired(&self, kind: &str) -> i64 {
        let findings = self.report["findings"].as_array().into_iter().flatten();
        findings.filter(|finding| finding["kind"] == kind).filter_map(|finding| finding["repaired"].as_i64()).sum()
    }
}

/// Waits until all events have arrived and the doctor finds nothing.
pub async fn healthy(house: &House) -> anyhow::Result<Round> {
    eventually("nothing differs", || async {
        let round = doctor(house, &["--grace", "0"]).await?;
        Ok((round.status == 0 && round.findings().is_empty()).then_some(round))
    })
    .await
}

/// Findings as they should be.
pub fn expected<const N: usize>(kinds: [(&str, Vec<&str>); N]) -> Findings {
    kinds
        .into_iter()
        .map(|(kind, mut ids)| {
            ids.sort_unstable();
            (kind.to_owned(), ids.into_iter().map(str::to_owned).collect())
        })
        .collect()
}

/// The UUID behind an id of any kind.
pub fn uuid(id: &str) -> anyhow::Result<Uuid> {
    let (_, digits) = id.split_once('_').with_context(|| format!("{id:?} is no id"))?;
    Ok(digits.parse()?)
}
