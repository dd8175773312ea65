//! The house, its database and its broker, and one fault after the other played on it.
use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use e2e::{Cluster, Form, House};
use uuid::Uuid;

use crate::{
    books,
    fault::Fault,
    front::Front,
    ledger::Notes,
    load::Load,
    report::{Report, Row},
    scale::Scale,
};

/// Until when the books have to be right again. Payments are taken over 12 s after they were started.
const SETTLED: Duration = Duration::from_mins(1);
/// A delivery that was cut off is tried again after a minute.
const SENT: Duration = Duration::from_secs(100);

/// Where it happens.
pub struct Stage {
    /// The house, each service in a process of its own.
    pub house: House,
    /// Its database.
    pub cluster: Cluster,
    front: Front,
    /// Orders that clients were told of since the beginning.
    told: Vec<Uuid>,
}

impl Stage {
    /// Starts everything.
    pub async fn set(scale: &Scale) -> anyhow::Result<Self> {
        let cluster = Cluster::start().await?;
        let extra = vec![
            ("PATRON_RATE_LIMIT", "0".to_owned()),
            // Fewer than there are clients, so that a pool can be full.
            ("PATRON_DB_POOL", if scale.is_full { "10" } else { "5" }.to_owned()),
        ];
        let house = House::start_on(cluster.database().await?, Form::Separate, extra).await?;
        let front = Front::open(&house).await?;
        let mut db = cluster.connect("patron").await?;
        let told = sqlx::query_scalar("select id from orders.orders").fetch_all(&mut db).await?;
        Ok(Self { house, cluster, front, told })
    }

    /// Plays one fault under load, and looks at the books when it is over.
    pub async fn play(&mut self, fault: &Fault, scale: &Scale) -> anyhow::Result<Row> {
        eprintln!("{fault} …");
        let load = Load::begin(&self.front, fault, scale);
        tokio::time::sleep(scale.before).await;
        fault.strike(self, scale).await?;
        let mended = Instant::now();
        tokio::time::sleep(scale.after).await;
        let (notes, started, ended) = load.end().await;
        self.told.extend(notes.orders.iter().filter_map(|order| id(&order.order)));
        let (settled, faults) = self.settle().await?;
        let (lost, doubled) = books::lost_and_doubled(&mut self.cluster.connect("patron").await?, &self.told).await?;
        let outage = longest_gap(&notes, started, ended);
        let recovery = notes.orders.iter().filter_map(|order| order.at.checked_duration_since(mended)).min();
        Ok(Row { fault: fault.to_string(), notes, lost, doubled, outage, recovery, settled, faults })
    }

    /// Waits until the books are right; answers how long that took and what is not.
    async fn settle(&self) -> anyhow::Result<(Duration, Vec<String>)> {
        let started = Instant::now();
        loop {
            let faults = books::faults(&mut self.cluster.connect("patron").await?, &self.told).await?;
            if faults.is_empty() || started.elapsed() > SETTLED {
                return Ok((started.elapsed(), faults));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until every confirmation is sent; answers what is not as it should be in the end.
    pub async fn all_sent(&self) -> anyhow::Result<Vec<String>> {
        let started = Instant::now();
        let mut db = self.cluster.connect("patron").await?;
        let mut unsent = books::unsent(&mut db).await?;
        while unsent > 0 && started.elapsed() < SENT {
            tokio::time::sleep(Duration::from_millis(200)).await;
            unsent = books::unsent(&mut db).await?;
        }
        let mut faults = books::faults(&mut db, &self.told).await?;
        if unsent > 0 {
            faults.push(format!("{unsent} messages are not sent"));
        }
        let mails = mails(&self.house.sent("mail"))?;
        // Beside the confirmations, the code that Rita registered with.
        if mails != self.told.len() + 1 {
            faults.push(format!("{mails} mails for {} orders and one code", self.told.len()));
        }
        Ok(faults)
    }

    /// Shows what the processes have logged, when something is wrong.
    pub fn show_logs(&self, report: &Report) {
        if report.is_clean() {
            return;
        }
        for name in ["gateway", "identity", "customers", "carts", "orders", "notifications"] {
            let log = self.house.log(name);
            let telling = log.lines().filter(|line| line.contains("ERROR") || line.contains("panicked"));
            for line in telling.take(20) {
                eprintln!("{name}: {line}");
            }
        }
    }
}

/// Mails in a folder. A hidden file is a draft that its writer was killed over: it was never sent.
fn mails(folder: &Path) -> io::Result<usize> {
    let names: Vec<_> = fs::read_dir(folder)?.map(|file| Ok(file?.file_name())).collect::<io::Result<_>>()?;
    Ok(names.iter().filter(|name| !name.as_encoded_bytes().starts_with(b".")).count())
}

fn id(order: &str) -> Option<Uuid> {
    order.strip_prefix("ord_")?.parse().ok()
}

/// The longest time without an acknowledged order while people wanted to buy, up to the first one after they were told
/// to end.
fn longest_gap(notes: &Notes, started: Instant, ended: Instant) -> Duration {
    let mut moments: Vec<Instant> = notes.orders.iter().map(|order| order.at).collect();
    moments.sort_unstable();
    moments.truncate(moments.partition_point(|at| *at <= ended) + 1);
    moments.insert(0, started);
    moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}
