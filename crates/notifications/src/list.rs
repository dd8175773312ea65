//! A list of messages as it was asked for.
use chrono::{DateTime, Utc};
use kit::{
    Error,
    actor::Actor,
    failure::Violation,
    ids::MessageId,
    page::{Page, Pager},
};
use proto::notifications::v1 as pb;
use uuid::Uuid;

use crate::{
    message::{Message, Status},
    store::Filter,
    template::Template,
};

/// Which page of which messages.
pub struct ListMessages {
    /// Which messages.
    pub filter: Filter,
    /// Which page of them.
    pub page: Page,
    /// The row it starts at.
    pub from: Option<(DateTime<Utc>, MessageId)>,
    context: String,
}

impl ListMessages {
    /// Reads the request of `actor`, who sees the messages of their store, or of all stores of their network.
    pub fn parse(request: &pb::ListMessagesRequest, actor: &Actor, pager: &Pager) -> Result<Self, Error> {
        let customer = given(&request.customer, "/customer", |text| text.parse().ok())?;
        let template = given(&request.template, "/template", Template::parse)?;
        let status = given(&request.status, "/status", Status::parse)?;
        let filter = Filter { realm: actor.realm()?, store: actor.store, customer, template, status };
        let context = format!("messages {filter:?}");
        let page = pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().map(|cursor| place(&cursor.key)).transpose()?;
        Ok(Self { filter, page, from: from.map(|(at, id)| (at, MessageId::from_uuid(id))), context })
    }

    /// The page made of `rows`.
    #[must_use]
    pub fn finish(&self, pager: &Pager, rows: Vec<Message>) -> (Vec<Message>, proto::base::v1::Page) {
        pager.finish(&self.page, rows, &self.context, |message| {
            vec![message.created_at.timestamp_micros().to_string(), message.id.uuid().to_string()]
        })
    }
}

/// What `parse` makes of a text; nothing of an empty one.
fn given<T>(text: &str, pointer: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Violation> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some).ok_or_else(|| Violation::new(pointer, "unknown", "there is no such value")),
    }
}

/// When and which: where a page begins that goes by time.
pub(crate) fn place(key: &[String]) -> Result<(DateTime<Utc>, Uuid), Error> {
    let read = |key: &[String]| {
        let [at, id] = key else { return None };
        Some((DateTime::from_timestamp_micros(at.parse().ok()?)?, Uuid::try_parse(id).ok()?))
    };
    read(key).ok_or_else(|| Error::Internal("a signed cursor cannot be read".to_owned()))
}
