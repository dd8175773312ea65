//! `patron seed --customers N`: people with carts, orders and reviews, written by COPY. They look as if they had come
//! through the shop front, but no event tells of them and nothing is sent to them.
mod life;
mod products;
mod tables;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use kit::{
    db,
    ids::{RealmId, StoreId},
    money,
    service::Env,
    settings::Settings,
};
use proto::identity::v1::{
    GetNetworkRequest, GetStoreRequest, ListStoresRequest, network_service_client::NetworkServiceClient,
    store_service_client::StoreServiceClient,
};
use rand::{SeedableRng, rngs::SmallRng};
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;

use self::{
    life::{Life, Place},
    tables::Tables,
};

/// People written at once.
const BATCH: usize = 5_000;

/// Makes `count` people who know the store with this id, or the oldest one.
pub async fn customers(settings: &Settings, store: Option<StoreId>, count: u32) -> anyhow::Result<()> {
    let env = crate::in_process(settings.clone()).await?;
    let place = place(&env, store).await?;
    let bar = ProgressBar::new(count.into());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} customers  {per_sec}  {elapsed} (left {eta})")?);
    write(settings, place, count.into(), &bar).await?;
    bar.finish();
    eprintln!("{count} customers in {:.1} s", bar.elapsed().as_secs_f64());
    Ok(())
}

/// Makes `count` people for the demo, without a word.
pub async fn quietly(env: &Env, store: StoreId, count: u64) -> anyhow::Result<()> {
    write(&env.settings, place(env, Some(store)).await?, count, &ProgressBar::hidden()).await
}

async fn place(env: &Env, store: Option<StoreId>) -> anyhow::Result<Place> {
    let mut stores = StoreServiceClient::new(env.peer("seed", "identity")?);
    let store = if let Some(id) = store {
        stores.get_store(GetStoreRequest { id: id.into() }).await?.into_inner()
    } else {
        let all = stores.list_stores(ListStoresRequest::default()).await?.into_inner().stores;
        all.into_iter().next().context("there is no store yet: make the demo first")?
    };
    let realm_currency = if store.network.is_empty() {
        store.currency.clone()
    } else {
        let mut networks = NetworkServiceClient::new(env.peer("seed", "identity")?);
        networks.get_network(GetNetworkRequest { id: store.network.clone() }).await?.into_inner().currency
    };
    Ok(Place {
        realm_currency: money::currency(&realm_currency)?,
        realm: store.realm.parse()?,
        store: store.id.parse()?,
        currency: money::currency(&store.currency)?,
        products: products::of(env, &store).await?,
        domain: format!("{}.example.com", hex(&kit::secret::random::<3>())),
        now: env.clock.now(),
    })
}

/// People are made in one task and written in another, each batch at once to every service's tables.
async fn write(settings: &Settings, place: Place, count: u64, bar: &ProgressBar) -> anyhow::Result<()> {
    let mut writer = Writer::connect(settings, place.realm, place.store).await?;
    let currency = place.currency.code();
    writer.remember_currencies(place.realm_currency.code(), currency).await?;
    let (send, mut batches) = mpsc::channel::<Vec<Life>>(2);
    let making = tokio::task::spawn_blocking(move || {
        let mut rng = SmallRng::seed_from_u64(u64::from_be_bytes(kit::secret::random()));
        let mut numbers = 0..count;
        loop {
            let batch: Vec<Life> = numbers.by_ref().take(BATCH).map(|n| place.life(&mut rng, n)).collect();
            if batch.is_empty() || send.blocking_send(batch).is_err() {
                return;
            }
        }
    });
    while let Some(batch) = batches.recv().await {
        writer.write(&batch, currency).await?;
        bar.inc(batch.len() as u64);
    }
    making.await?;
    writer.finish().await
}

struct Writer {
    realm: RealmId,
    store: StoreId,
    customers: PgConnection,
    carts: PgConnection,
    orders: PgConnection,
    reviews: PgConnection,
    tables: Tables,
}

impl Writer {
    async fn connect(settings: &Settings, realm: RealmId, store: StoreId) -> anyhow::Result<Self> {
        let [customers, carts, orders, reviews] = ["customers", "carts", "orders", "reviews"].map(|service| {
            db::options(&settings.database(service), service).map(|o| o.options([("statement_timeout", "0")]))
        });
        Ok(Self {
            realm,
            store,
            customers: PgConnection::connect_with(&customers?).await?,
            carts: PgConnection::connect_with(&carts?).await?,
            orders: PgConnection::connect_with(&orders?).await?,
            reviews: PgConnection::connect_with(&reviews?).await?,
            tables: Tables::default(),
        })
    }

    async fn write(&mut self, batch: &[Life], currency: &str) -> anyhow::Result<()> {
        let orders = batch.iter().map(|life| life.orders.len()).sum::<usize>();
        let first = self.reserve(i64::try_from(orders)?).await?;
        self.tables.add(self.realm, self.store, currency, batch, first);
        let tables = &mut self.tables;
        tokio::try_join!(
            tables.customers.send(&mut self.customers),
            tables.carts.send(&mut self.carts),
            tables.orders.send(&mut self.orders),
            tables.reviews.send(&mut self.reviews),
        )?;
        Ok(())
    }

    /// What the totals of the realm and of the store are sorted in.
    async fn remember_currencies(&mut self, realm: &str, store: &str) -> anyhow::Result<()> {
        sqlx::query(
            "insert into base_currencies (realm_id, owner_id, currency) values ($1, $1, $2), ($1, $3, $4)
             on conflict do nothing",
        )
        .bind(self.realm)
        .bind(realm)
        .bind(self.store)
        .bind(store)
        .execute(&mut self.customers)
        .await?;
        Ok(())
    }

    /// The first of `count` order numbers that nobody else gets.
    async fn reserve(&mut self, count: i64) -> anyhow::Result<i64> {
        let last: i64 = sqlx::query_scalar(
            "insert into order_numbers (store_id, last) values ($1, 1000 + $2)
             on conflict (store_id) do update set last = order_numbers.last + $2 returning last",
        )
        .bind(self.store)
        .bind(count)
        .fetch_one(&mut self.orders)
        .await?;
        Ok(last - count + 1)
    }

    /// Tells the planner what is there now.
    async fn finish(mut self) -> anyhow::Result<()> {
        for (connection, statement) in [
            (
                &mut self.customers,
                "analyze customers, customer_stores, customer_orders, customer_places, customer_products",
            ),
            (&mut self.carts, "analyze carts, cart_lines"),
            (&mut self.orders, "analyze orders, order_lines, payments, transactions"),
            (&mut self.reviews, "analyze reviews, purchases"),
        ] {
            sqlx::query(statement).execute(connection).await?;
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
