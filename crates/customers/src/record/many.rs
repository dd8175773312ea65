//! One change to many records at once (CU-8): what one refuses is done to the others.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{Call, Tx, failure::Failure, ids::CustomerId};
use proto::customers::v1::{self as pb, change_many_response::Outcome};

use super::{
    standing::{SetStanding, set_standing},
    tags::{ChangeTags, change_tags},
};
use crate::{
    Error,
    customer::{Customer, Scope, Standing},
    fields::Fields,
    key::Keys,
};

/// Most records at once.
const MOST: usize = 100;

/// What is done to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Tag,
    Stand(Standing),
}

/// A change to many records.
#[derive(Clone, Debug)]
pub struct ChangeMany {
    request: pb::ChangeManyRequest,
    action: Action,
    now: DateTime<Utc>,
}

impl ChangeMany {
    /// Reads a request; it needs an idempotency key, since nobody knows what a half of it did.
    pub fn parse(request: pb::ChangeManyRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        if call.idempotency_key().is_none() {
            return Err(Error::KeyRequired);
        }
        let mut fields = Fields::default();
        let mut ids: Vec<_> = request.ids.iter().filter_map(|id| fields.id::<CustomerId>("/ids", id)).collect();
        ids.sort_unstable();
        ids.dedup();
        if !(1..=MOST).contains(&request.ids.len()) {
            fields.fault("/ids", "out_of_range", "name 1 to 100 customers");
        } else if ids.len() != request.ids.len() {
            fields.fault("/ids", "duplicate", "name each customer once");
        }
        let action = match request.action.as_str() {
            "tag" => Some(Action::Tag),
            "activate" => Some(Action::Stand(Standing::Active)),
            "inactivate" => Some(Action::Stand(Standing::Inactive)),
            _ => None,
        };
        if action.is_none() {
            fields.fault("/action", "unknown", "the action is tag, activate or inactivate");
        }
        fields.finish()?;
        Ok(Self { request, action: action.unwrap_or(Action::Tag), now })
    }

    /// Changes the record `id`.
    async fn change(&self, tx: &mut Tx, (call, keys): (&Call, &Keys), id: &str) -> Result<Customer, Error> {
        match self.action {
            Action::Tag => {
                let (add, remove) = (self.request.add.clone(), self.request.remove.clone());
                let request = pb::ChangeTagsRequest { id: id.to_owned(), add, remove };
                let input = ChangeTags::parse(&request, Scope::of(call.actor()?)?, self.now)?;
                change_tags(tx, (call, keys), input).await
            }
            Action::Stand(standing) => {
                let input = SetStanding::parse((id, &self.request.reason), standing, call.actor()?, self.now)?;
                set_standing(tx, (call, keys), input).await
            }
        }
    }
}

/// What came of each. Records are locked in the order of their ids, so that nobody waits for each other for ever.
pub async fn change_many(tx: &mut Tx, (call, keys): (&Call, &Keys), input: ChangeMany) -> Result<Vec<Outcome>, Error> {
    let mut ids = input.request.ids.clone();
    ids.sort_unstable();
    let mut outcomes = HashMap::new();
    for id in ids {
        let changed = input.change(tx, (call, keys), &id).await;
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
    Ok(input.request.ids.iter().filter_map(|id| outcomes.remove(id)).collect())
}
