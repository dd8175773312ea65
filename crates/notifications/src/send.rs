//! Queues a message that another service asks for.
use std::collections::BTreeMap;

use kit::{
    Error as KitError, Tx,
    clock::Clock,
    email::Email,
    failure::Violation,
    ids::{CustomerId, DeviceId, RealmId, StoreId},
    phone::Phone,
    secret::Secrets,
};
use proto::notifications::v1 as pb;
use uuid::Uuid;

use crate::{
    error::Error,
    message::{Channel, Message, Purpose, Queued},
    store,
    template::{self, Template},
};

/// Stands for the house itself where a realm and a store are named.
pub const HOUSE: (RealmId, StoreId) = (RealmId::from_uuid(Uuid::nil()), StoreId::from_uuid(Uuid::nil()));

/// A message to send, read.
pub struct SendMessage(Queued);

impl SendMessage {
    /// Reads the request, or tells all its faults.
    pub fn parse(request: pb::SendMessageRequest, secrets: &Secrets, clock: &Clock) -> Result<Self, KitError> {
        let mut faults = Faults(Vec::new());
        // What is of no store goes in the house's own name.
        let house = request.realm.is_empty() && request.store.is_empty();
        let realm = faults.id(if house { Some(HOUSE.0) } else { request.realm.parse().ok() }, "/realm");
        let id = faults.id(request.id.parse().ok(), "/id");
        let store = faults.id(if house { Some(HOUSE.1) } else { request.store.parse().ok() }, "/store");
        let customer = faults.customer(&request.customer);
        let channel = faults.some(Channel::parse(&request.channel), "/channel", "unknown", "no such channel");
        let template = Template::parse(&request.template).filter(|template| !template.follows_reference());
        let template = faults.some(template, "/template", "unknown", "no such template");
        let recipient = channel.and_then(|channel| faults.recipient(channel, &request.to));
        let data: BTreeMap<_, _> = request.values.into_iter().collect();
        let secret: BTreeMap<_, _> = request.secrets.into_iter().collect();
        faults.required(template, channel, &secret);
        let (Some(realm), Some(id), Some(store), Some(channel), Some(template), true) =
            (realm, id, store, channel, template, faults.0.is_empty())
        else {
            return Err(KitError::Invalid(faults.0));
        };
        let secrets = (!secret.is_empty()).then(|| template::seal(secrets, id, &secret));
        let (reference, now, due) = (None, clock.now(), clock.shared());
        Ok(Self(Queued {
            realm,
            id,
            store,
            customer,
            channel,
            template,
            purpose: Purpose::Service,
            campaign: None,
            reference,
            recipient,
            data,
            secrets,
            now,
            due,
        }))
    }
}

/// Queues the message; the one that is there already when its id is known.
pub async fn send_message(tx: &mut Tx, input: SendMessage) -> Result<Message, Error> {
    let SendMessage(queued) = input;
    store::queue(tx, &queued).await?;
    store::find(&mut **tx, queued.realm, None, queued.id).await?.ok_or(Error::MessageNotFound)
}

/// The faults found so far.
struct Faults(Vec<Violation>);

impl Faults {
    fn some<T>(
        &mut self,
        value: Option<T>,
        pointer: &'static str,
        code: &'static str,
        detail: &'static str,
    ) -> Option<T> {
        if value.is_none() {
            self.0.push(Violation::new(pointer, code, detail));
        }
        value
    }

    fn id<T>(&mut self, id: Option<T>, pointer: &'static str) -> Option<T> {
        self.some(id, pointer, "malformed", "this is not an id of that kind")
    }

    fn customer(&mut self, text: &str) -> Option<CustomerId> {
        if text.is_empty() { None } else { self.id(text.parse().ok(), "/customer") }
    }

    fn recipient(&mut self, channel: Channel, to: &str) -> Option<String> {
        let recipient = match channel {
            Channel::Email => Email::parse(to).ok().map(|email| email.entered().to_owned()),
            Channel::Sms => Phone::parse(to, None).ok().map(|phone| phone.to_string()),
            Channel::Push => to.parse::<DeviceId>().ok().map(|device| device.to_string()),
        };
        self.some(recipient, "/to", "malformed", "nothing can be sent there")
    }

    fn required(&mut self, template: Option<Template>, channel: Option<Channel>, secrets: &BTreeMap<String, String>) {
        let Some(template) = template else { return };
        if channel.is_some_and(|channel| !template.travels_by(channel)) {
            self.0.push(Violation::new("/channel", "unsupported", "the template is not made for this channel"));
        }
        for name in template.secrets().iter().filter(|name| !secrets.contains_key(**name)) {
            self.0.push(Violation::new(format!("/secrets/{name}"), "required", "the template needs this value"));
        }
    }
}
