//! Opens and closes every door to a customer (CU-8, ID-9).
use chrono::{DateTime, Utc};
use kit::{Call, Tx, actor::Actor, audit::Entry, clock::timestamp, ids::CustomerId, outbox, permission::Permission};
use proto::customers::v1 as pb;

use super::told::{record, told};
use crate::{
    Error,
    customer::{Customer, Scope, Standing, register::save, store},
    fields::Fields,
    key::Keys,
};

/// Who is to be let in, or not.
#[derive(Clone, Debug)]
pub struct SetStanding {
    scope: Scope,
    customer: CustomerId,
    standing: Standing,
    reason: String,
    now: DateTime<Utc>,
}

impl SetStanding {
    /// Reads a request by `actor`: with whom, and why. In a network it takes a membership of the network (ID-21).
    pub fn parse(
        (customer, reason): (&str, &str),
        standing: Standing,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let scope = Scope::of(actor)?;
        if scope.store.is_some() && !is_of_network(actor) {
            return Err(Error::NetworkMembershipRequired);
        }
        let customer = customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let mut fields = Fields::default();
        let reason = fields.line("/reason", reason, 500);
        fields.finish()?;
        Ok(Self { scope, customer, standing, reason, now })
    }
}

/// Whether somebody who works in a store of a network does so by a membership of the network: nobody else has a
/// permission that reaches beyond their store.
pub(crate) fn is_of_network(actor: &Actor) -> bool {
    let beyond = [Permission::CustomersMerge, Permission::CustomersDelete];
    actor.is_system() || beyond.into_iter().any(|permission| actor.permissions.contains(permission))
}

/// The customer as they stand now. One who stands so already stays as they are.
pub async fn set_standing(tx: &mut Tx, (call, keys): (&Call, &Keys), input: SetStanding) -> Result<Customer, Error> {
    let mut customer = store::lock_in(tx, input.scope, input.customer).await?.ok_or(Error::CustomerNotFound)?;
    call.check_version(customer.version)?;
    let before = told(&customer);
    let fields = customer.stand(input.standing, input.now);
    if fields.is_empty() {
        return Ok(customer);
    }
    save(tx, &customer, &fields).await?;
    let (realm, id, at) = (customer.realm.into(), customer.id.into(), Some(timestamp(input.now)));
    let action = match input.standing {
        Standing::Active => {
            outbox::publish(tx, &pb::CustomerActivated { realm, customer: id, at });
            "customer.activated"
        }
        Standing::Inactive => {
            outbox::publish(tx, &pb::CustomerInactivated { realm, customer: id, at });
            "customer.inactivated"
        }
    };
    let entry = Entry::new(action, ("customer", customer.id), input.now).because(input.reason);
    record(tx, (call, keys), &customer, entry.changed(before, told(&customer))).await?;
    Ok(customer)
}

impl Customer {
    /// Opens or closes all doors; the names of the fields that changed.
    pub fn stand(&mut self, standing: Standing, now: DateTime<Utc>) -> Vec<&'static str> {
        if self.status == standing {
            return Vec::new();
        }
        self.status = standing;
        self.touch(now);
        vec!["status"]
    }
}
