//! Processes that are replaced one after the other, under load.
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use e2e::{
    Answer, Form, House, Http, Shop,
    http::{send, text},
};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const MEMBERS: [&str; 8] =
    ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews", "gateway"];

/// A load balancer as simple as there are: each connection goes to the next process that takes it.
struct Balancer {
    url: String,
    behind: Arc<Mutex<Vec<String>>>,
    _work: JoinSet<()>,
}

impl Balancer {
    async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let behind = Arc::new(Mutex::new(Vec::<String>::new()));
        let (targets, turn) = (Arc::clone(&behind), AtomicUsize::new(0));
        let mut work = JoinSet::new();
        work.spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut targets = targets.lock().map(|targets| targets.clone()).unwrap_or_default();
                let places = targets.len().max(1);
                targets.rotate_left(turn.fetch_add(1, Ordering::Relaxed) % places);
                tokio::spawn(async move {
                    for target in targets {
                        let Ok(mut server) = TcpStream::connect(&target).await else { continue };
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                        return;
                    }
                });
            }
        });
        Ok(Self { url, behind, _work: work })
    }

    fn put(&self, url: &str) {
        if let Ok(mut behind) = self.behind.lock() {
            behind.push(url.trim_start_matches("http://").to_owned());
        }
    }
}

/// Somebody at the shop front while the house behind it changes.
#[derive(Clone)]
struct Guest {
    http: Http,
    key: String,
    product: String,
}

impl Guest {
    async fn enter(house: &House) -> anyhow::Result<Self> {
        let shop = Shop::open(house, "Corner Shop", "EUR").await?;
        let product = shop.product("MUG", 1_000).await?;
        Ok(Self { http: house.http.clone(), key: shop.store.key.clone(), product })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.http.request(Method::GET, &format!("/storefront/v1/{path}")).bearer_auth(&self.key)).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let request = self.http.request(Method::POST, &format!("/storefront/v1/{path}")).bearer_auth(&self.key);
        send(request.json(body)).await
    }
}

/// What clients were told while processes were replaced.
#[derive(Default)]
struct Told {
    orders: usize,
    reads: usize,
    /// 503 with `Retry-After`.
    later: Vec<String>,
    failures: Vec<String>,
}

/// Buys and reads until it is told to stop.
async fn buy_and_read(guest: &Guest, stop: &AtomicBool) -> Told {
    let mut told = Told::default();
    while !stop.load(Ordering::Relaxed) {
        match purchase(guest, &mut told).await {
            Ok(()) => {}
            Err(error) => told.failures.push(format!("{error:#}")),
        }
    }
    told
}

/// One purchase and a few reads; it is given up when somebody says that it shall be tried later.
async fn purchase(guest: &Guest, told: &mut Told) -> anyhow::Result<()> {
    let Some(list) = told.take(guest.get("products?limit=1").await, "products")? else { return Ok(()) };
    ensure!(list.status == 200, "products: {}", list.status);
    told.reads += 1;
    let Some(cart) = told.take(guest.get("carts").await, "cart")? else { return Ok(()) };
    let id = text(&cart.body, "/id")?.to_owned();
    let line = guest.post(&format!("carts/{id}/{}", guest.product), &json!({ "quantity": 1 })).await;
    if told.take(line, "line")?.is_none() {
        return Ok(());
    }
    let contact = json!({ "email": "ada@example.com", "name": "Ada Lovelace" });
    let body = json!({ "cart": id, "contact": contact, "gateway": "test" });
    let Some(checkout) = told.take(guest.post("checkouts", &body).await, "checkout")? else { return Ok(()) };
    let token = text(&checkout.body, "/token")?;
    let Some(_) = told.take(
        guest.post("checkouts/capture", &json!({ "token": token, "payment_method": "pm_test_ok" })).await,
        "capture",
    )?
    else {
        return Ok(());
    };
    told.orders += 1;
    Ok(())
}

impl Told {
    /// A good answer; none when it says that it shall be tried later.
    fn take(&mut self, answer: anyhow::Result<Answer>, what: &'static str) -> anyhow::Result<Option<Answer>> {
        let answer = answer.context(what)?;
        if answer.status == 503 && !answer.header("retry-after").is_empty() {
            self.later.push(format!("{what}: {}", answer.body));
            return Ok(None);
        }
        ensure!(answer.status == 200, "{what}: {} {}", answer.status, answer.body);
        Ok(Some(answer))
    }
}

/// Runs `change` under the load of four buyers; answers what they were told.
async fn under_load(guest: &Guest, change: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<Told> {
    let stop = AtomicBool::new(false);
    let buyers = futures_util::future::join_all((0..4).map(|_| buy_and_read(guest, &stop)));
    let changed = async {
        let changed = change.await;
        stop.store(true, Ordering::Relaxed);
        changed
    };
    let (buyers, changed) = tokio::join!(buyers, changed);
    changed?;
    let mut all = Told::default();
    for told in buyers {
        all.orders += told.orders;
        all.reads += told.reads;
        all.later.extend(told.later);
        all.failures.extend(told.failures);
    }
    Ok(all)
}

/// PL-1, PL-2: with two processes of each kind behind balancers, replacing one after the other fails no request at all.
#[tokio::test]
async fn a_rolling_restart_fails_nothing() -> anyhow::Result<()> {
    let (front, mut ways) = (Balancer::start().await?, Vec::new());
    let mut extra = vec![("PATRON_RATE_LIMIT", "0".to_owned()), ("PATRON_DRAIN_DELAY", "1".to_owned())];
    for (service, variable) in [
        ("identity", "PATRON_IDENTITY_URL"),
        ("customers", "PATRON_CUSTOMERS_URL"),
        ("catalog", "PATRON_CATALOG_URL"),
        ("carts", "PATRON_CARTS_URL"),
        ("orders", "PATRON_ORDERS_URL"),
        ("notifications", "PATRON_NOTIFICATIONS_URL"),
        ("reviews", "PATRON_REVIEWS_URL"),
    ] {
        let balancer = Balancer::start().await?;
        extra.push((variable, balancer.url.clone()));
        ways.push((service, balancer));
    }
    let mut first = House::start(Form::Separate, extra.clone()).await?;
    extra.push(("PATRON_NATS_URL", first.broker.url()));
    let mut second = House::start_on(first.database().to_owned(), Form::Separate, extra).await?;
    for house in [&first, &second] {
        for (service, balancer) in &ways {
            balancer.put(&house.grpc(service));
        }
        front.put(house.http.base());
    }
    second.http = Http::new(reqwest::Client::new(), front.url.clone());
    let guest = Guest::enter(&second).await?;
    let told = under_load(&guest, async {
        for member in MEMBERS {
            replace(&mut first, member).await?;
        }
        Ok(())
    })
    .await?;
    ensure!(told.failures.is_empty() && told.later.is_empty(), "{:?}, {:?}", told.later, told.failures);
    ensure!(told.orders > 0 && placed(&first).await? == told.orders, "{} orders were acknowledged", told.orders);
    Ok(())
}

/// PL-1, PL-2: a process alone that is replaced on its port costs its clients a little patience and nothing else.
#[tokio::test]
async fn a_restart_asks_for_patience_at_most() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, vec![("PATRON_RATE_LIMIT", "0".to_owned())]).await?;
    let guest = Guest::enter(&house).await?;
    let told = under_load(&guest, async {
        for member in MEMBERS.into_iter().filter(|member| *member != "gateway") {
            replace(&mut house, member).await?;
        }
        Ok(())
    })
    .await?;
    ensure!(told.failures.is_empty(), "{:?}", told.failures);
    ensure!(told.orders > 0 && placed(&house).await? >= told.orders, "{} orders were acknowledged", told.orders);
    Ok(())
}

/// Stops a process as an operator would, and starts it again.
async fn replace(house: &mut House, member: &'static str) -> anyhow::Result<()> {
    let status = house.stop(member).await?;
    ensure!(status.success(), "{member}: {status}");
    house.revive(member)?;
    house.ready().await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}

/// How many orders there are.
async fn placed(house: &House) -> anyhow::Result<usize> {
    let count: i64 =
        sqlx::query_scalar("select count(*) from orders").fetch_one(&house.tables("orders").await?).await?;
    Ok(usize::try_from(count)?)
}

/// PL-2: a peer that is frozen, or gone, holds nobody up for ever: whoever needs it is told to come later, all at once
/// and not one after the other; when it is back everything goes on.
#[tokio::test]
async fn a_frozen_peer_is_told_as_unavailable() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, vec![("PATRON_RATE_LIMIT", "0".to_owned())]).await?;
    let guest = Guest::enter(&house).await?;
    ensure!(guest.get("products?limit=1").await?.status == 200, "before");
    for is_frozen in [true, false] {
        if is_frozen {
            house.signal("catalog", Signal::STOP)?;
        } else {
            house.kill("catalog")?;
        }
        let asked = futures_util::future::try_join_all((0..100).map(|_| guest.get("products?limit=1")));
        for answer in tokio::time::timeout(Duration::from_secs(20), asked).await?? {
            ensure!(answer.status == 503 && !answer.header("retry-after").is_empty(), "{answer:?}");
        }
        if is_frozen {
            house.signal("catalog", Signal::CONT)?;
        } else {
            house.revive("catalog")?;
            house.ready().await?;
        }
        e2e::eventually("the catalog answers again", || async {
            Ok((guest.get("products?limit=1").await?.status == 200).then_some(()))
        })
        .await?;
    }
    Ok(())
}
