//! A list of deliveries as it was asked for.
use chrono::{DateTime, Utc};
use kit::{
    clock::datetime,
    failure::Violation,
    ids::{HookDeliveryId, WebhookId},
    page::{Page, Pager},
};
use prost_types::Timestamp;
use proto::notifications::v1 as pb;
use uuid::Uuid;

use super::{HookDelivery, State};
use crate::{
    error::Error,
    hook_event::{self, PING},
};

/// Which deliveries.
#[derive(Clone, Debug)]
pub struct Filter {
    /// To which webhook.
    pub webhook: WebhookId,
    /// Only these.
    pub state: Option<State>,
    /// Only of events of this name.
    pub event: Option<String>,
    /// Queued no earlier.
    pub since: Option<DateTime<Utc>>,
    /// Queued earlier.
    pub until: Option<DateTime<Utc>>,
}

/// Which page of which deliveries.
pub struct ListDeliveries {
    /// Which deliveries.
    pub filter: Filter,
    /// Which page of them.
    pub page: Page,
    /// The row it starts at.
    pub from: Option<(DateTime<Utc>, HookDeliveryId)>,
    context: String,
}

impl ListDeliveries {
    /// Reads a request about `webhook`.
    pub fn parse(request: &pb::ListHookDeliveriesRequest, webhook: WebhookId, pager: &Pager) -> Result<Self, Error> {
        let unknown = |pointer| Violation::new(pointer, "unknown", "there is no such value");
        let state = match request.state.as_str() {
            "" => None,
            text => Some(State::parse(text).ok_or_else(|| unknown("/state"))?),
        };
        let event = Some(request.event.clone()).filter(|name| !name.is_empty());
        if event.as_ref().is_some_and(|name| name != PING && !hook_event::is_known(name)) {
            return Err(unknown("/event").into());
        }
        let (since, until) = (moment("/since", request.since.as_ref())?, moment("/until", request.until.as_ref())?);
        let filter = Filter { webhook, state, event, since, until };
        let context = format!("deliveries {filter:?}");
        let page = pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().map(|cursor| place(&cursor.key)).transpose()?;
        Ok(Self { filter, page, from, context })
    }

    /// The page made of `rows`.
    #[must_use]
    pub fn finish(&self, pager: &Pager, rows: Vec<HookDelivery>) -> (Vec<HookDelivery>, proto::base::v1::Page) {
        pager.finish(&self.page, rows, &self.context, |one| {
            vec![one.created_at.timestamp_micros().to_string(), one.id.uuid().to_string()]
        })
    }
}

/// A moment that may be missing.
pub(super) fn moment(pointer: &'static str, at: Option<&Timestamp>) -> Result<Option<DateTime<Utc>>, Violation> {
    let fault = || Violation::new(pointer, "out_of_range", "there is no such moment");
    at.map(|at| datetime(at).ok_or_else(fault)).transpose()
}

fn place(key: &[String]) -> Result<(DateTime<Utc>, HookDeliveryId), Error> {
    let read = |key: &[String]| {
        let [at, id] = key else { return None };
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some((at, HookDeliveryId::from_uuid(Uuid::try_parse(id).ok()?)))
    };
    read(key).ok_or_else(|| kit::Error::Internal("a signed cursor cannot be read".to_owned()).into())
}
