//! Writes to those whom campaigns are for, page by page: that somebody is written to and that they were looked at is one
//! transaction, so that nobody is twice, whoever dies at it. Not more are queued than leave the house soon, so that nothing
//! else waits behind them.
use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use kit::{
    Db, Error as KitError, Tx,
    audit::{self, Entry},
    clock::Clock,
    failure::{Code, Failure},
    ids::{CustomerId, MessageId},
    service::Env,
    transport::Transport,
};
use prost::Message as _;
use proto::{
    base::v1::Filter,
    customers::v1::{
        ListRecipientsRequest, ListRecipientsResponse, Recipient, recipient_service_client::RecipientServiceClient,
    },
};
use sqlx::types::Json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Campaign, State, store};
use crate::{
    NAME,
    error::Error,
    message::{Purpose, Queued},
    store as messages,
    template::Template,
};

/// Customers that are looked at in one transaction, and so at most in a second.
pub const PAGE: u32 = 100;
/// Messages of a campaign that may wait before more are queued.
pub const ROOM: i64 = 200;
/// How long a campaign that was taken up is kept from others; a page takes far less.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Between two pages that somebody was written to in, and while there is no room.
const PAUSE: TimeDelta = TimeDelta::seconds(1);
/// Between two looks whether the last have left the house.
const LOOK: TimeDelta = TimeDelta::seconds(5);

/// Carries campaigns out. Clones share everything.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    clock: Clock,
    recipients: RecipientServiceClient<Transport>,
    /// Wakes the delivery.
    queued: Arc<Notify>,
}

/// Carries out what is due until `stop`: when `asked` tells of something new, and each second.
pub async fn run(worker: Worker, asked: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(Box::pin(worker.work_one())).await {
            Some(Ok(true)) => continue,
            Some(Ok(false)) | None => {}
            Some(Err(error)) => tracing::warn!(error.detail = ?error, "campaigns wait"),
        }
        let _ = stop.run_until_cancelled(tokio::time::timeout(Duration::from_secs(1), asked.notified())).await;
    }
}

impl Worker {
    /// On the database `db` of `env`.
    pub fn new(env: &Env, db: &Db, queued: Arc<Notify>) -> anyhow::Result<Self> {
        let recipients = RecipientServiceClient::new(env.peer(NAME, "customers")?);
        Ok(Self { db: db.clone(), clock: env.clock.clone(), recipients, queued })
    }

    /// Takes up a campaign that is due, and looks at its next page; whether there was one. What fails is gone on with when
    /// its lease ends.
    pub async fn work_one(&self) -> Result<bool, Error> {
        let Some(campaign) = store::claim(self.db.pool(), &self.clock, LEASE).await? else { return Ok(false) };
        if let Err(error) = self.step(&campaign).await {
            tracing::warn!(error.detail = ?error, campaign.id = %campaign.id, attempt = campaign.attempts,
                "a campaign does not get on");
        }
        Ok(true)
    }

    async fn step(&self, seen: &Campaign) -> Result<(), Error> {
        let waiting = store::waiting(self.db.pool(), seen, ROOM).await?;
        if seen.is_listed {
            return self.look(seen, waiting).await;
        }
        if waiting >= ROOM {
            return self.wait(seen, PAUSE).await;
        }
        match self.next(seen).await {
            Ok(page) => self.write(seen, page).await,
            // Such as a filter that means nothing any more.
            Err(error) if matches!(error.code(), Code::Invalid | Code::NotFound | Code::Forbidden) => {
                tracing::warn!(error.detail = ?error, campaign.id = %seen.id, "a campaign cannot go on");
                self.end(seen, (State::Failed, "recipients_unknown")).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The next of those whom it is for.
    async fn next(&self, seen: &Campaign) -> Result<ListRecipientsResponse, KitError> {
        let broken = |_| KitError::Internal("a filter cannot be read".to_owned());
        let filter = Filter::decode(seen.filter.as_deref().unwrap_or_default()).map_err(broken)?;
        let asked = ListRecipientsRequest {
            realm: seen.realm.into(),
            store: seen.store.into(),
            filter: Some(filter),
            channel: seen.channel.slug().to_owned(),
            marketing: seen.purpose == Purpose::Marketing,
            after: seen.after.map(String::from).unwrap_or_default(),
            limit: PAGE,
        };
        Ok(self.recipients.clone().list_recipients(asked).await?.into_inner())
    }

    /// Queues a message to each of a page, and keeps how far that is.
    async fn write(&self, seen: &Campaign, page: ListRecipientsResponse) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        let Some(mut campaign) = held(&mut tx, seen).await? else { return Ok(()) };
        let mut written = 0;
        for recipient in &page.recipients {
            let customer = reader(recipient)?;
            (campaign.after, campaign.looked_at) = (Some(customer), campaign.looked_at + 1);
            if recipient.refusal.is_empty() {
                written += u32::from(messages::queue(&mut tx, &self.message(&campaign, customer)).await?);
            } else {
                campaign.skip(&recipient.refusal);
            }
        }
        (campaign.state, campaign.is_listed) = (State::Sending, !page.has_more);
        let pause = if written > 0 { PAUSE } else { TimeDelta::zero() };
        store::save(&mut tx, &campaign, (&self.clock, pause)).await?;
        tx.commit().await?;
        if written > 0 {
            self.queued.notify_one();
        }
        Ok(())
    }

    fn message(&self, campaign: &Campaign, customer: CustomerId) -> Queued {
        let now = self.clock.now();
        Queued {
            realm: campaign.realm,
            id: MessageId::new(now),
            store: campaign.store,
            customer: Some(customer),
            channel: campaign.channel,
            template: Template::Campaign,
            purpose: campaign.purpose,
            campaign: Some(campaign.id),
            // Nobody gets it twice.
            reference: Some(format!("{} {customer}", campaign.id)),
            recipient: None,
            data: std::collections::BTreeMap::new(),
            secrets: None,
            now,
            due: self.clock.shared(),
        }
    }

    /// Ends it when the last have left the house.
    async fn look(&self, seen: &Campaign, waiting: i64) -> Result<(), Error> {
        if waiting == 0 { self.end(seen, (State::Done, "")).await } else { self.wait(seen, LOOK).await }
    }

    /// Goes on after `pause`.
    async fn wait(&self, seen: &Campaign, pause: TimeDelta) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        if let Some(campaign) = held(&mut tx, seen).await? {
            store::save(&mut tx, &campaign, (&self.clock, pause)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Keeps how it ended, and records it.
    async fn end(&self, seen: &Campaign, (state, failure): (State, &str)) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        let Some(mut campaign) = held(&mut tx, seen).await? else { return Ok(()) };
        campaign.end(state, failure, now);
        if state == State::Done {
            campaign.tally = Json(store::tallies(&mut *tx, campaign.realm, &[campaign.id]).await?);
        }
        store::save(&mut tx, &campaign, (&self.clock, TimeDelta::zero())).await?;
        let entry = Entry::new("campaign.ended", ("campaign", campaign.id), now);
        audit::record_own(&mut tx, entry.within(campaign.realm, Some(campaign.store)).created(campaign.audited()));
        Ok(tx.commit().await?)
    }
}

/// The campaign, locked, if it is as it was `seen`: neither stopped nor further than that.
async fn held(tx: &mut Tx, seen: &Campaign) -> Result<Option<Campaign>, Error> {
    let now = store::lock(tx, (seen.realm, None), seen.id).await?;
    Ok(now.filter(|now| !now.state.is_over() && now.after == seen.after && now.is_listed == seen.is_listed))
}

fn reader(recipient: &Recipient) -> Result<CustomerId, KitError> {
    recipient.customer.parse().map_err(|e| KitError::Internal(format!("a recipient cannot be read: {e}")))
}
