//! The report: one row for each fault, and what there is to complain of.
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::ledger::Notes;

/// The environment variable with the file that the report is written to.
const FILE: &str = "PATRON_FAULTS_REPORT";
/// Until when somebody has bought again after a fault was over: what was cut off waits for the reaper at most.
const RECOVERED: Duration = Duration::from_secs(20);

/// What came of one fault.
pub struct Row {
    /// Its name.
    pub fault: String,
    /// What clients saw.
    pub notes: Notes,
    /// Acknowledged orders that are not there.
    pub lost: i64,
    /// Orders charged, counted or confirmed twice.
    pub doubled: i64,
    /// The longest time without an acknowledged order.
    pub outage: Duration,
    /// From the end of the fault to the next acknowledged order.
    pub recovery: Option<Duration>,
    /// How long the books took to be right after the last purchase.
    pub settled: Duration,
    /// What is wrong in the books.
    pub faults: Vec<String>,
}

impl Row {
    fn complaints(&self) -> Vec<String> {
        let mut all = self.notes.complaints.clone();
        if self.notes.wrong > all.len() {
            all.push(format!("… and {} more", self.notes.wrong - all.len()));
        }
        if self.notes.orders.is_empty() {
            all.push("nobody bought anything".to_owned());
        }
        if self.notes.refunds.is_empty() || self.notes.events.is_empty() || self.notes.renewals == 0 {
            all.push("nothing went back, came due or was told of by Stripe".to_owned());
        }
        if self.recovery.is_none_or(|recovery| recovery > RECOVERED) {
            all.push(format!("no purchase within {RECOVERED:?} after its end: {:?}", self.recovery));
        }
        all.extend(self.faults.iter().cloned());
        all
    }
}

/// All rows.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    last: Vec<String>,
}

impl Report {
    /// Adds a row, and says it at once.
    pub fn add(&mut self, row: Row) {
        eprintln!("{row}");
        for complaint in row.complaints() {
            eprintln!("    {complaint}");
        }
        self.rows.push(row);
    }

    /// Adds what is wrong in the end.
    pub fn close(&mut self, faults: Vec<String>) {
        self.last = faults;
    }

    /// Whether there is nothing to complain of.
    pub fn is_clean(&self) -> bool {
        self.last.is_empty() && self.rows.iter().all(|row| row.complaints().is_empty() && row.lost + row.doubled == 0)
    }

    /// Leaves it where the environment says, else beside the build.
    pub fn write(&self) -> anyhow::Result<()> {
        let beside = || Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults.txt");
        let file = std::env::var_os(FILE).map_or_else(beside, PathBuf::from);
        Ok(std::fs::write(file, self.to_string())?)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        let Notes { requests, refused, broken, ref orders, ref refunds, ref events, renewals, wrong, .. } = self.notes;
        let (outage, settled) = (seconds(self.outage), seconds(self.settled));
        let recovery = self.recovery.map_or_else(|| "never".to_owned(), seconds);
        write!(
            f,
            "{:<44} {requests:>8} {:>12} {:>7} {renewals:>8} {:>8} {refused:>7} {broken:>6} {wrong:>5} {:>4} {:>7} {outage:>14} {recovery:>9} {settled:>7}",
            self.fault,
            orders.len(),
            refunds.len(),
            events.len(),
            self.lost,
            self.doubled
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<44} requests acknowledged refunds renewals webhooks refused broken wrong lost doubled longest outage recovered settled",
            "fault"
        )?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        for row in self.rows.iter().filter(|row| !row.complaints().is_empty()) {
            writeln!(f, "\n{}:", row.fault)?;
            for complaint in row.complaints() {
                writeln!(f, "  {complaint}")?;
            }
        }
        if !self.last.is_empty() {
            writeln!(f, "\nin the end:\n  {}", self.last.join("\n  "))?;
        }
        Ok(())
    }
}
