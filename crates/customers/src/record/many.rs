//! One change to many records at once (CU-8): what one refuses is done to the others.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{Call, Tx, failure::Failure};
use proto::customers::v1::{self as pb, change_many_response::Outcome};

use crate::{
    Error,
    bulk::{Change, begin::distinct},
    fields::Fields,
    key::Keys,
};

/// A change to a few records.
#[derive(Clone, Debug)]
pub struct ChangeMany {
    ids: Vec<String>,
    change: Change,
    now: DateTime<Utc>,
}

impl ChangeMany {
    /// Reads a request; it needs an idempotency key, since nobody knows what a half of it did.
    pub fn parse(request: pb::ChangeManyRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let mut fields = Fields::default();
        distinct(&request, &mut fields);
        if request.ids.is_empty() {
            fields.fault("/ids", "required", "name customers, or a filter, a segment or a search");
        }
        let change = Change::parse(&request, &mut fields);
        fields.finish()?;
        Ok(Self { ids: request.ids, change, now })
    }
}

/// What came of each. Records are locked in the order of their ids, so that nobody waits for each other for ever.
pub async fn change_many(tx: &mut Tx, (call, keys): (&Call, &Keys), input: ChangeMany) -> Result<Vec<Outcome>, Error> {
    let mut ids = input.ids.clone();
    ids.sort_unstable();
    let mut outcomes = HashMap::new();
    for id in ids {
        let changed = input.change.apply(tx, (call, keys), (&id, input.now)).await;
        let outcome = match changed {
            Ok(customer) => Outcome { id: id.clone(), version: customer.version, ..Outcome::default() },
            // What is wrong with the whole is no outcome of one.
            Err(error @ (Error::Kit(_) | Error::NetworkMembershipRequired)) => return Err(error),
            Err(error) => Outcome {
                id: id.clone(),
                error: error.reason().to_owned(),
                detail: error.to_string(),
                ..Outcome::default()
            },
        };
        outcomes.insert(id, outcome);
    }
    Ok(input.ids.iter().filter_map(|id| outcomes.remove(id)).collect())
}
