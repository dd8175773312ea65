//! Writes to one customer (NO-6).
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as KitError, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    clock::Clock,
    failure::{Code, Failure},
    ids::{CustomerId, MessageId, RealmId, StoreId},
    secret::Secrets,
    stores::Stores,
    transport::Transport,
};
use proto::customers::v1::{GetRecipientRequest, Recipient, recipient_service_client::RecipientServiceClient};

use super::Letter;
use crate::{
    error::Error,
    message::{Message, Queued},
    store, suppression,
    template::{self, Template},
};

/// Names of the sealed values that hold a letter until it is sent.
pub const SUBJECT: &str = "subject";
/// See [`SUBJECT`].
pub const TEXT: &str = "text";

/// In whose name something goes: the store where `actor` works, or the one of their network that is `named`.
pub async fn sender(stores: &Stores, actor: &Actor, named: &str) -> Result<(RealmId, StoreId), Error> {
    let realm = actor.realm()?;
    let fault = |code, detail| KitError::invalid("/store", code, detail);
    let wanted: Option<StoreId> = match named {
        "" => None,
        named => Some(named.parse().map_err(|_| fault("malformed", "this is not an id of that kind"))?),
    };
    match (actor.store, wanted) {
        (Some(own), None) => Ok((realm, own)),
        (Some(own), Some(wanted)) if own == wanted => Ok((realm, own)),
        (Some(_), Some(_)) => Err(fault("other_store", "you work in another store").into()),
        (None, None) => Err(fault("required", "say in which store's name it goes").into()),
        (None, Some(wanted)) => {
            let unknown = || fault("unknown", "there is no such store here");
            let store = match stores.get(wanted).await {
                Ok(store) => store,
                Err(error) if error.code() == Code::NotFound => return Err(unknown().into()),
                Err(error) => return Err(error.into()),
            };
            if store.realm == String::from(realm) { Ok((realm, wanted)) } else { Err(unknown().into()) }
        }
    }
}

/// A letter to write.
#[derive(Debug)]
pub struct WriteLetter {
    /// Customer base, and the store in whose name it goes.
    pub from: (RealmId, StoreId),
    /// To whom.
    pub customer: CustomerId,
    /// What.
    pub letter: Letter,
    /// When.
    pub now: DateTime<Utc>,
}

impl WriteLetter {
    /// Where it goes, if its customer may be written to at all. It is asked again when it is sent.
    pub async fn recipient(
        &self,
        recipients: &RecipientServiceClient<Transport>,
        call: &Call,
    ) -> Result<Recipient, Error> {
        let asked = GetRecipientRequest {
            realm: self.from.0.into(),
            store: self.from.1.into(),
            customer: self.customer.into(),
            channel: self.letter.channel.slug().to_owned(),
            marketing: self.letter.is_marketing(),
        };
        let recipient = recipients.clone().get_recipient(call.trace(asked)).await.map_err(KitError::from)?.into_inner();
        match recipient.refusal.as_str() {
            "" => Ok(recipient),
            "inactive" => Err(Error::CustomerInactive),
            "no_address" => Err(Error::NoAddress),
            _ => Err(Error::NoConsent),
        }
    }
}

/// Queues it. The audit is told that somebody wrote, and not what.
pub async fn write_letter(
    tx: &mut Tx,
    (call, secrets, clock): (&Call, &Secrets, &Clock),
    (input, recipient): (WriteLetter, Recipient),
) -> Result<Message, Error> {
    let WriteLetter { from: (realm, store), letter, now, .. } = input;
    let unreadable = |e| KitError::Internal(format!("a customer cannot be read: {e}"));
    let customer: CustomerId = recipient.customer.parse().map_err(unreadable)?;
    let suppressed = suppression::store::is_suppressed(&mut **tx, realm, (letter.channel, &recipient.to)).await?;
    if letter.is_marketing() && suppressed {
        return Err(Error::Suppressed);
    }
    let id = MessageId::new(now);
    let (channel, purpose) = (letter.channel, letter.purpose);
    let values = [(SUBJECT.to_owned(), letter.subject), (TEXT.to_owned(), letter.text)].into();
    let queued = Queued {
        realm,
        id,
        store,
        customer: Some(customer),
        channel,
        template: Template::Letter,
        purpose,
        campaign: None,
        reference: None,
        // Found out when it is sent: it may change until then.
        recipient: None,
        data: std::collections::BTreeMap::new(),
        secrets: Some(template::seal(secrets, id, &values)),
        now,
        due: clock.shared(),
    };
    if !store::queue(tx, &queued).await? {
        return Err(Error::CustomerNotFound);
    }
    let entry = Entry::new("message.written", ("message", id), now).within(realm, Some(store)).about(customer);
    audit::record(tx, call, entry.created(json!({ "channel": channel.slug(), "purpose": purpose.slug() })))?;
    store::find(&mut **tx, realm, None, id).await?.ok_or(Error::MessageNotFound)
}
