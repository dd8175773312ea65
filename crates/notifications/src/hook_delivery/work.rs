//! The work itself: each webhook's share travels by itself, so that a slow one holds nobody up.
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::join_all;
use kit::{
    Db, Error,
    clock::Clock,
    ids::{CustomerId, HookDeliveryId, StoreId, WebhookId},
    secret::Secrets,
    service::Env,
    transport::Transport,
};
use proto::customers::v1::{FindKnownRequest, person_service_client::PersonServiceClient};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    post::{Outcome, Parcel, Post},
    queue::{self, Due, Share},
    settle,
};
use crate::{NAME, webhook::secret::Secret};

/// Deliveries to one webhook at once; to one that fails, one.
const EACH: i64 = 8;
/// Webhooks that are sent to at once; as many that fail, beside them.
const FLIGHTS: usize = 32;
/// How long the end of a process waits for what is on its way.
const FAREWELL: Duration = Duration::from_secs(4);

/// Sends events to webhooks. Clones share everything.
#[derive(Clone)]
pub struct Posting {
    pub(super) db: Db,
    pub(super) clock: Clock,
    secrets: Secrets,
    customers: PersonServiceClient<Transport>,
    post: Post,
}

/// What is on its way: webhooks, and whether they fail.
#[derive(Default)]
struct Flights {
    under_way: BTreeMap<WebhookId, bool>,
    tasks: JoinSet<WebhookId>,
}

/// Sends what is due until `stop`: when `queued` tells of something new, and each second.
pub async fn run(posting: Posting, queued: std::sync::Arc<Notify>, stop: CancellationToken) {
    let mut flights = Flights::default();
    while !stop.is_cancelled() {
        match posting.depart(&mut flights).await {
            Ok(true) => {}
            Ok(false) => flights.wait(&queued, &stop).await,
            Err(error) => {
                tracing::warn!(error.detail = ?error, "webhooks wait");
                flights.wait(&queued, &stop).await;
            }
        }
        flights.land();
    }
    // What does not make it is sent again when its lease ends.
    let _ = tokio::time::timeout(FAREWELL, flights.tasks.join_all()).await;
}

impl Flights {
    async fn wait(&mut self, queued: &Notify, stop: &CancellationToken) {
        tokio::select! {
            Some(landed) = self.tasks.join_next(), if !self.tasks.is_empty() => self.arrived(landed.ok()),
            () = queued.notified() => {}
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }

    /// Takes note of those that have arrived.
    fn land(&mut self) {
        while let Some(landed) = self.tasks.try_join_next() {
            self.arrived(landed.ok());
        }
    }

    fn arrived(&mut self, landed: Option<WebhookId>) {
        match landed {
            Some(webhook) => drop(self.under_way.remove(&webhook)),
            // One that panicked says not which it was: nobody is kept off for ever.
            None if self.tasks.is_empty() => self.under_way.clear(),
            None => {}
        }
    }

    fn free(&self, failing: bool) -> usize {
        FLIGHTS.saturating_sub(self.under_way.values().filter(|is| **is == failing).count())
    }
}

impl Posting {
    /// Sends by the settings of `env`.
    pub fn new(env: &Env, db: &Db) -> anyhow::Result<Self> {
        let settings = &env.settings;
        Ok(Self {
            db: db.clone(),
            clock: env.clock.clone(),
            secrets: env.secrets.clone(),
            customers: PersonServiceClient::new(env.peer(NAME, "customers")?),
            post: Post::new(settings.tls.tls_ca.as_deref(), settings.webhooks_inside)?,
        })
    }

    /// Takes what is due and sends it off; whether there was anything.
    async fn depart(&self, flights: &mut Flights) -> Result<bool, Error> {
        let mut any = false;
        for failing in [false, true] {
            let busy: Vec<_> = flights.under_way.keys().copied().collect();
            for share in self.claim(failing, flights.free(failing), &busy).await? {
                any = true;
                let webhook = share[0].webhook_id;
                flights.under_way.insert(webhook, failing);
                let posting = self.clone();
                flights.tasks.spawn(async move {
                    posting.deliver(share).await;
                    webhook
                });
            }
        }
        Ok(any)
    }

    /// What is due to webhooks that are not `busy`, by webhook: to at most `count` of them.
    async fn claim(&self, failing: bool, count: usize, busy: &[WebhookId]) -> Result<Vec<Vec<Due>>, Error> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let total = i64::try_from(count).unwrap_or(1);
        let each = if failing { 1 } else { EACH };
        let due = queue::claim(self.db.pool(), &self.clock, Share { failing, each, total, busy }).await?;
        let mut shares = BTreeMap::<WebhookId, Vec<Due>>::new();
        for one in due {
            shares.entry(one.webhook_id).or_default().push(one);
        }
        Ok(shares.into_values().collect())
    }

    /// Sends what is due once and waits for it; answers how many deliveries it tried.
    pub async fn send_due(&self) -> Result<usize, Error> {
        let mut shares = self.claim(false, FLIGHTS, &[]).await?;
        shares.extend(self.claim(true, FLIGHTS, &[]).await?);
        let count = shares.iter().map(Vec::len).sum();
        join_all(shares.into_iter().map(|share| self.deliver(share))).await;
        Ok(count)
    }

    /// Sends a webhook's share. What cannot be proved or recorded is tried again when its lease ends.
    async fn deliver(&self, share: Vec<Due>) {
        let share = match self.proved(share).await {
            Ok(share) => share,
            Err(error) => return tracing::warn!(error.detail = ?error, "whom a store knows cannot be asked"),
        };
        join_all(share.iter().map(|due| self.attend(due))).await;
    }

    /// Without what is about customers whom the store does not know (ID-21): asked once for the whole share.
    async fn proved(&self, share: Vec<Due>) -> Result<Vec<Due>, Error> {
        let asked: BTreeSet<CustomerId> = share.iter().filter_map(|due| due.unproved).collect();
        let Some(first) = share.first().filter(|_| !asked.is_empty()) else { return Ok(share) };
        let (webhook, realm) = (first.webhook_id, first.realm_id);
        let request = FindKnownRequest {
            realm: realm.into(),
            store: StoreId::from_uuid(first.place_id).into(),
            customers: asked.into_iter().map(String::from).collect(),
        };
        let known = self.customers.clone().find_known(request).await?.into_inner().customers;
        let known: BTreeSet<CustomerId> = known.iter().filter_map(|id| id.parse().ok()).collect();
        let is_theirs = |due: &Due| due.unproved.is_none_or(|customer| known.contains(&customer));
        let (theirs, foreign): (Vec<Due>, Vec<Due>) = share.into_iter().partition(is_theirs);
        let ids = |dues: &[Due]| dues.iter().map(|due| due.id).collect::<Vec<HookDeliveryId>>();
        queue::prove(self.db.pool(), webhook, &ids(&theirs)).await?;
        queue::drop(self.db.pool(), webhook, &ids(&foreign)).await?;
        Ok(theirs)
    }

    async fn attend(&self, due: &Due) {
        let began = std::time::Instant::now();
        let outcome = self.hand_over(due).await;
        let ms = i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX);
        metrics::counter!("webhook_attempts_total", "outcome" => outcome.error.unwrap_or("delivered")).increment(1);
        if let Err(error) = settle::settle(self, due, &outcome, ms).await {
            tracing::warn!(error.detail = ?error, delivery.id = %due.id, "a delivery could not be recorded");
        }
    }

    async fn hand_over(&self, due: &Due) -> Outcome {
        let (id, now) = (due.event_id.to_string(), self.clock.now());
        let former = due.former_secret.as_ref().filter(|_| due.former_until.is_some_and(|until| now < until));
        let sign = |sealed: &Vec<u8>| {
            let secret = Secret::open(&self.secrets, due.webhook_id, sealed)?;
            Ok(secret.sign(&id, now.timestamp(), &due.body))
        };
        let signatures: Result<Vec<String>, kit::secret::SecretError> =
            [Some(&due.secret), former].into_iter().flatten().map(sign).collect();
        let Ok(signatures) = signatures else { return Outcome { error: Some("secret_lost"), ..Outcome::default() } };
        let signatures = signatures.join(" ");
        let (at, body) = (now.timestamp(), due.body.clone());
        self.post.send(Parcel { url: &due.url, id: &id, at, signatures: &signatures, body }).await
    }
}
