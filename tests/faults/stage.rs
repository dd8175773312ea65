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
    ledger::{Ledger, Notes},
    load::Load,
    money, months,
    report::{Report, Row},
    scale::Scale,
    till::Till,
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
    till: Till,
    /// Orders that clients were told of since the beginning.
    told: Vec<Uuid>,
    /// Of these, of which nothing was given back yet.
    stock: Vec<String>,
    /// Refunds that they were told of.
    refunds: Vec<Uuid>,
    /// Events of Stripe's that the house has acknowledged.
    events: Vec<String>,
}

impl Stage {
    /// Starts everything.
    pub async fn set(scale: &Scale) -> anyhow::Result<Self> {
        let cluster = Cluster::start().await?;
        let till = Till::open().await?;
        let extra = vec![
            ("PATRON_STRIPE_URL", till.stripe.url.clone()),
            ("PATRON_RATE_LIMIT", "0".to_owned()),
            // Fewer than there are clients, so that a pool can be full.
            ("PATRON_DB_POOL", if scale.is_full { "10" } else { "5" }.to_owned()),
        ];
        let house = House::start_on(cluster.database().await?, Form::Separate, extra).await?;
        let front = Front::open(&house, &till).await?;
        let mut db = cluster.connect("patron").await?;
        let told = sqlx::query_scalar("select id from orders.orders").fetch_all(&mut db).await?;
        Ok(Self { house, cluster, front, till, told, stock: Vec::new(), refunds: Vec::new(), events: Vec::new() })
    }

    /// Plays one fault under load, and looks at the books when it is over.
    pub async fn play(&mut self, fault: &Fault, scale: &Scale) -> anyhow::Result<Row> {
        eprintln!("{fault} …");
        let ledger = Ledger::new(fault.breaks(), std::mem::take(&mut self.stock));
        let load = Load::begin((&self.front, &self.till, self.cluster.url("patron")), ledger, (fault, scale));
        tokio::time::sleep(scale.before).await;
        fault.strike(self, scale).await?;
        let mended = Instant::now();
        tokio::time::sleep(scale.after).await;
        let (notes, stock, (started, ended)) = load.end().await;
        self.stock = stock;
        self.told.extend(notes.orders.iter().filter_map(|order| id(&order.order)));
        self.refunds.extend(notes.refunds.iter().filter_map(|refund| id(refund)));
        self.events.extend(notes.events.iter().cloned());
        let (settled, faults) = self.settle().await?;
        let (lost, doubled) = self.lost_and_doubled().await?;
        let outage = longest_gap(&notes, started, ended);
        let recovery = notes.orders.iter().filter_map(|order| order.at.checked_duration_since(mended)).min();
        Ok(Row { fault: fault.to_string(), notes, lost, doubled, outage, recovery, settled, faults })
    }

    /// Waits until the books are right; answers how long that took and what is not.
    async fn settle(&self) -> anyhow::Result<(Duration, Vec<String>)> {
        let started = Instant::now();
        loop {
            months::hour(&mut self.cluster.connect("patron").await?).await?;
            let faults = self.faults().await?;
            if faults.is_empty() || started.elapsed() > SETTLED {
                return Ok((started.elapsed(), faults));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn faults(&self) -> anyhow::Result<Vec<String>> {
        let mut db = self.cluster.connect("patron").await?;
        let mut faults = books::faults(&mut db, &self.told).await?;
        faults.extend(money::faults(&mut db, (&self.refunds, &self.events), &self.till.books()).await?);
        Ok(faults)
    }

    async fn lost_and_doubled(&self) -> anyhow::Result<(i64, i64)> {
        let mut db = self.cluster.connect("patron").await?;
        let (orders, refunds) = (
            books::lost_and_doubled(&mut db, &self.told).await?,
            money::lost_and_doubled(&mut db, &self.refunds, &self.till.books()).await?,
        );
        Ok((orders.0 + refunds.0, orders.1 + refunds.1))
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
        let mut faults = self.faults().await?;
        faults.extend(self.till.lacking());
        if unsent > 0 {
            faults.push(format!("{unsent} messages are not sent"));
        }
        let mails = mails(&self.house.sent("mail"))?;
        let logged = books::mails(&mut db).await?;
        if mails != logged {
            faults.push(format!("{mails} mails, and {logged} in the log"));
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

fn id(name: &str) -> Option<Uuid> {
    name.split_once('_')?.1.parse().ok()
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
