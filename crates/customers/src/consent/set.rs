//! Records what somebody agreed to, or withdrew (CU-16).
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::Actor,
    audit::{Entry, json},
    clock::timestamp,
    ids::CustomerId,
    outbox,
};
use proto::customers::v1 as pb;

use super::{
    Consent,
    consent::{PORTAL, UNSUBSCRIBE, decisions, source},
    store,
};
use crate::{
    Error,
    customer::{Customer, Scope, register::save, store as customers},
    fields::Fields,
    key::Keys,
    record::told::record,
};

/// Decisions to record.
#[derive(Clone, Debug)]
pub struct SetConsents {
    scope: Scope,
    customer: CustomerId,
    decisions: BTreeMap<String, bool>,
    source: String,
    now: DateTime<Utc>,
}

impl SetConsents {
    /// Reads a request of `call` about `customer` in `scope`.
    pub fn parse(
        request: pb::SetConsentsRequest,
        (scope, customer): (Scope, CustomerId),
        call: &Call,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let decisions = decisions(request.consents, &mut fields);
        let source = source(call.actor()?, &request.source, &mut fields);
        fields.finish()?;
        Ok(Self { scope, customer, decisions, source, now })
    }
}

/// The customer with their decisions. One that says what was said before adds nothing.
pub async fn set_consents(tx: &mut Tx, (call, keys): (&Call, &Keys), input: SetConsents) -> Result<Customer, Error> {
    let SetConsents { scope, customer, decisions, source, now } = input;
    let mut customer = customers::lock_in(tx, scope, customer).await?.ok_or(Error::CustomerNotFound)?;
    call.check_version(customer.version)?;
    let before = customer.consents.clone();
    let actor = recorder(call.actor()?, &source, &customer);
    for (channel, granted) in decisions {
        if customer.consents.insert(channel.clone(), granted) == Some(granted) {
            continue;
        }
        let consent = Consent { channel, granted, source: source.clone(), actor: actor.clone(), at: now };
        store::insert(tx, (customer.realm, customer.id), &consent).await?;
        outbox::publish(tx, &changed(&customer, &consent));
    }
    if before == customer.consents {
        return Ok(customer);
    }
    let fields = ["consents"];
    customer.touch_if(&fields, now);
    save(tx, &customer, &fields).await?;
    let entry = Entry::new("customer.consents_changed", ("customer", customer.id), now);
    let entry =
        entry.changed(json!({ "consents": before }), json!({ "consents": customer.consents, "source": source }));
    record(tx, (call, keys), &customer, entry).await?;
    Ok(customer)
}

/// Who made or recorded the decision: in the portal the person themselves, whom identity speaks for, and so by a link in a
/// message to them.
fn recorder(actor: &Actor, source: &str, customer: &Customer) -> String {
    if actor.is_system() && [PORTAL, UNSUBSCRIBE].contains(&source) {
        customer.id.into()
    } else {
        actor.subject.clone()
    }
}

/// What the world is told of `consent`.
pub(crate) fn changed(customer: &Customer, consent: &Consent) -> pb::ConsentChanged {
    pb::ConsentChanged {
        realm: customer.realm.into(),
        customer: customer.id.into(),
        channel: consent.channel.clone(),
        granted: consent.granted,
        source: consent.source.clone(),
        at: Some(timestamp(consent.at)),
    }
}
