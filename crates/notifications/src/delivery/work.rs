//! The work itself.
use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::future::join_all;
use kit::{
    Db, Error, clock::Clock, clock::timestamp, outbox, secret::Secrets, service::Env, settings::Settings,
    stores::Stores, transport::Transport,
};
use proto::{
    customers::v1::{
        customer_service_client::CustomerServiceClient, recipient_service_client::RecipientServiceClient,
        ticket_service_client::TicketServiceClient,
    },
    identity::v1::{Store, device_service_client::DeviceServiceClient},
    notifications::v1::{MessageFailed, MessageSent},
    orders::v1::{
        gift_service_client::GiftServiceClient, order_service_client::OrderServiceClient,
        subscription_service_client::SubscriptionServiceClient,
    },
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::compose::Letter;
use crate::{
    NAME,
    channel::{Channels, Outgoing},
    message::{Channel, Message, Status, Trouble, UNREGISTERED, Verdict},
    store::{self, Settled},
    suppression::{self, Suppression, is_hard},
};

/// Messages taken at once.
const BATCH: i64 = 16;
/// How long handing over may take.
const LIMIT: Duration = Duration::from_secs(40);
/// How long a message taken is kept from others: making it and handing it over takes less in any case.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Sends messages. Clones share everything.
#[derive(Clone)]
pub struct Delivery {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) secrets: Secrets,
    pub(super) stores: Stores,
    pub(super) customers: CustomerServiceClient<Transport>,
    pub(super) recipients: RecipientServiceClient<Transport>,
    pub(super) tickets: TicketServiceClient<Transport>,
    pub(super) orders: OrderServiceClient<Transport>,
    pub(super) gifts: GiftServiceClient<Transport>,
    pub(super) subscriptions: SubscriptionServiceClient<Transport>,
    pub(super) devices: DeviceServiceClient<Transport>,
    /// The house as the sender of what is of no store.
    pub(super) house: Arc<Store>,
    channels: Channels,
}

/// Sends what is due until `stop`: when `queued` tells of something new, and each second.
pub async fn run(delivery: Delivery, queued: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match delivery.send_due().await {
            Ok(count) if count == BATCH => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(error.detail = ?error, "messages wait"),
        }
        let woken = tokio::time::timeout(Duration::from_secs(1), queued.notified());
        let _ = stop.run_until_cancelled(woken).await;
    }
}

fn house(settings: &Settings) -> Store {
    let (name, mail_from, url) = (settings.house_name.clone(), settings.mail_from.clone(), settings.public());
    Store { name, mail_from, url, ..Store::default() }
}

impl Delivery {
    /// A delivery by the channels of the settings.
    pub fn new(env: &Env, db: &Db) -> anyhow::Result<Self> {
        Ok(Self {
            db: db.clone(),
            clock: env.clock.clone(),
            secrets: env.secrets.clone(),
            stores: Stores::new(env.peer(NAME, "identity")?),
            customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
            recipients: RecipientServiceClient::new(env.peer(NAME, "customers")?),
            tickets: TicketServiceClient::new(env.peer(NAME, "customers")?),
            orders: OrderServiceClient::new(env.peer(NAME, "orders")?),
            gifts: GiftServiceClient::new(env.peer(NAME, "orders")?),
            subscriptions: SubscriptionServiceClient::new(env.peer(NAME, "orders")?),
            devices: DeviceServiceClient::new(env.peer(NAME, "identity")?),
            house: Arc::new(house(&env.settings)),
            channels: Channels::new(&env.settings, &env.clock)?,
        })
    }

    /// Sends one batch of what is due and answers how many messages it tried.
    pub async fn send_due(&self) -> Result<i64, Error> {
        let due = store::claim(self.db.pool(), &self.clock, LEASE, BATCH).await?;
        let count = i64::try_from(due.len()).unwrap_or(BATCH);
        join_all(due.iter().map(|message| self.attend(message))).await;
        Ok(count)
    }

    /// Tries a message and records how it went. What cannot be recorded is tried again when its lease ends.
    async fn attend(&self, message: &Message) {
        let letter = self.compose(message).await;
        let outcome = match &letter {
            Ok(letter) => self.hand_over(message, letter).await,
            Err(_) => Ok(()),
        };
        if letter.is_ok() && message.channel == Channel::Sms {
            self.note_health(message.channel, &outcome).await;
        }
        if let (Ok(letter), Err(Trouble::Lasting(UNREGISTERED))) = (&letter, &outcome) {
            self.forget(message.realm_id, letter.address()).await;
        }
        let recorded = match (&letter, &outcome) {
            (Ok(letter), Ok(())) => self.sent(message, letter).await,
            (Ok(letter), Err(trouble)) => self.stumbled(message, Some(letter), trouble).await,
            (Err(trouble), _) => self.stumbled(message, None, trouble).await,
        };
        if let Err(error) = recorded {
            tracing::warn!(error.detail = ?error, message.id = %message.id, "a delivery could not be recorded");
        }
    }

    async fn hand_over(&self, message: &Message, letter: &Letter) -> Result<(), Trouble> {
        let outgoing = Outgoing {
            id: message.id,
            at: message.created_at,
            until: message.created_at + message.template.useful(),
            from_name: &letter.shop.name,
            from: &letter.from,
            to: letter.address(),
            platform: letter.device.as_ref().map_or("", |device| &device.platform),
            opt_out: &letter.opt_out,
            rendered: &letter.rendered,
        };
        tokio::time::timeout(LIMIT, self.channels.send(message.channel, &outgoing))
            .await
            .unwrap_or_else(|_| Err(Trouble::Passing("handing over took too long".to_owned())))
    }

    /// Remembers whether a channel works, for those who could take another one.
    async fn note_health(&self, channel: Channel, outcome: &Result<(), Trouble>) {
        let failed_at = matches!(outcome, Err(Trouble::Passing(_) | Trouble::Held(..))).then(|| self.clock.now());
        if let Err(error) = store::note_health(self.db.pool(), channel, failed_at).await {
            tracing::warn!(error.detail = ?error, "whether a channel works could not be kept");
        }
    }

    async fn sent(&self, message: &Message, letter: &Letter) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        if store::settle(&mut tx, message, &letter.settled(Status::Sent, None), now).await? {
            let event = MessageSent {
                realm: message.realm_id.into(),
                message: message.id.into(),
                customer: message.customer_id.map(String::from).unwrap_or_default(),
                at: Some(timestamp(now)),
                store: message.store_id.into(),
            };
            outbox::publish(&mut tx, &event);
        }
        tx.commit().await
    }

    async fn stumbled(&self, message: &Message, letter: Option<&Letter>, trouble: &Trouble) -> Result<(), Error> {
        let verdict = message.after(trouble, self.clock.now());
        tracing::warn!(error.detail = %trouble, message.id = %message.id, attempt = message.attempts,
            verdict = ?verdict, "a message could not be sent");
        match verdict {
            Verdict::Retry(pause) => Ok(store::postpone(self.db.pool(), message, &self.clock, pause).await?),
            Verdict::GiveUp(reason) => self.failed(message, letter, reason).await,
        }
    }

    async fn failed(&self, message: &Message, letter: Option<&Letter>, reason: &'static str) -> Result<(), Error> {
        let now = self.clock.now();
        let unmade = Settled {
            status: Status::Failed,
            failure: Some(reason),
            recipient: message.recipient.as_deref().unwrap_or_default(),
            subject: "",
            content: "",
        };
        let settled = letter.map_or(unmade, |letter| letter.settled(Status::Failed, Some(reason)));
        let mut tx = self.db.begin_own().await?;
        if store::settle(&mut tx, message, &settled, now).await? {
            let event = MessageFailed {
                realm: message.realm_id.into(),
                message: message.id.into(),
                customer: message.customer_id.map(String::from).unwrap_or_default(),
                reason: reason.to_owned(),
                at: Some(timestamp(now)),
                store: message.store_id.into(),
            };
            outbox::publish(&mut tx, &event);
            if letter.is_some() && message.channel != Channel::Push && is_hard(reason) {
                let came_back = Suppression::of(message, (settled.recipient, reason), now);
                suppression::store::insert(&mut tx, &came_back).await?;
            }
        }
        tx.commit().await
    }
}
