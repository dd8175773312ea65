//! Reminds owners of carts that they left something in: once for a cart, and only those who agreed to be written to
//! (CA-2, CU-16).
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Db, ids::CheckoutLinkId, secret::Secrets};
use proto::customers::v1::{Customer, GetCustomerRequest};
use tonic::Request;

use super::{
    idle::USEFUL,
    store::{self, Reminder},
};
use crate::{
    Error,
    link::{self, Link, post::Post},
};

/// After how long a reminder that could not be sent is tried again.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How many are sent at once.
const BATCH: i64 = 20;
/// The channel of reminders, and of the consent to them.
const CHANNEL: &str = "email";

/// Sends reminders. Clones share everything.
#[derive(Clone)]
pub struct Reminders {
    pub(crate) db: Db,
    pub(crate) post: Post,
    pub(crate) secrets: Secrets,
}

impl Reminders {
    /// Sends what is due at `now`. One that fails holds up no other, and is tried again later.
    pub async fn send(&self, now: DateTime<Utc>) -> Result<(), Error> {
        for reminder in store::take(self.db.pool(), now, (LEASE, BATCH)).await? {
            if let Err(error) = self.attend(&reminder, now).await {
                tracing::warn!(error.detail = ?error, cart.id = %reminder.cart, "a reminder of a cart waits");
            }
        }
        Ok(())
    }

    async fn attend(&self, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), Error> {
        if reminder.still && now < reminder.abandoned_at + USEFUL {
            let request = Request::new(GetCustomerRequest { id: reminder.customer.into() });
            let owner = self.post.customers.clone().get_customer(request).await?.into_inner();
            if welcome(&owner) {
                self.remind(reminder, owner, now).await?;
            }
        }
        store::done(self.db.pool(), reminder).await
    }

    /// Sends it with a link that opens the cart. Link and message are the same however often it is tried.
    async fn remind(&self, reminder: &Reminder, owner: Customer, now: DateTime<Utc>) -> Result<(), Error> {
        let hash = self.secrets.keyed_hash("cart reminder", reminder.message.uuid().as_bytes());
        let token = format!("{}_{}", link::PREFIX, BASE64_URL_SAFE_NO_PAD.encode(hash));
        let link = Link {
            realm: reminder.realm,
            id: CheckoutLinkId::from_uuid(reminder.message.uuid()),
            cart: reminder.cart,
            customer: reminder.customer,
            token_hash: link::hash(&token).to_vec(),
            sent_by: CHANNEL.to_owned(),
            created_by: "system carts".to_owned(),
            created_at: now,
            expires_at: reminder.expires_at.min(now + link::USUAL),
            revoked_at: None,
        };
        let mut tx = self.db.begin_own().await?;
        link::store::insert_once(&mut tx, &link).await?;
        tx.commit().await?;
        let whose = (reminder.store, reminder.customer);
        let message = self.post.message(&link, &token, whose, ("cart_abandoned", owner.email));
        self.post.messages.clone().send_message(Request::new(message)).await?;
        Ok(())
    }
}

/// Whether `owner` is to be written to.
fn welcome(owner: &Customer) -> bool {
    owner.status == "active" && !owner.email.is_empty() && owner.consents.get(CHANNEL).copied().unwrap_or_default()
}
