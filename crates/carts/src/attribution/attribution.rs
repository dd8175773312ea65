//! Who and what brought a cart about (CA-8): set by shop fronts and staff, and by the work of staff itself.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    actor::{Actor, Kind},
    attribution::Attribution,
    denied::Denied,
    failure::Violation,
    ids::{StaffId, StoreId},
    outbox,
    permission::Permission,
    transport::Transport,
};
use proto::{
    base::v1 as base,
    carts::v1 as pb,
    identity::v1::{FindColleaguesRequest, colleague_service_client::ColleagueServiceClient},
};

use super::store;
use crate::{
    Error, access,
    cart::Cart,
    catalog::Added,
    grpc::{Answer, Carts, Deed},
    name::Name,
    offer::Offers,
};

/// The member of staff who works on what `actor` does: also one who acts in a customer's name.
#[must_use]
pub fn agent(actor: &Actor) -> Option<StaffId> {
    let acting = || actor.act.as_ref().filter(|act| act.kind == Kind::Staff).and_then(|act| act.sub.parse().ok());
    actor.staff().or_else(acting)
}

/// What `actor` says of a cart. Shop fronts name no agent, whatever they send.
pub fn read(actor: &Actor, told: Option<base::Attribution>) -> Result<Attribution, Error> {
    let mut told = told.unwrap_or_default();
    if !actor.is_staff() {
        told.agent.clear();
    }
    Ok(Attribution::parse(told).map_err(kit::Error::Invalid)?)
}

/// Who works for a store, as identity knows them. Clones share the way.
#[derive(Clone)]
pub struct Colleagues(pub(crate) ColleagueServiceClient<Transport>);

impl Colleagues {
    /// At `identity`.
    #[must_use]
    pub fn new(identity: Transport) -> Self {
        Self(ColleagueServiceClient::new(identity))
    }

    /// Passes unless `known` names an agent who does not work for `store`.
    pub async fn check(&self, call: &Call, store: Option<StoreId>, known: &Attribution) -> Result<(), Error> {
        if known.agent.is_empty() {
            return Ok(());
        }
        let store = store.ok_or(Denied::StoreRequired)?;
        let asked = FindColleaguesRequest { store: store.into(), staff: vec![known.agent.clone()] };
        let found = self.0.clone().find_colleagues(call.trace(asked)).await?.into_inner().colleagues;
        if found.iter().any(|colleague| colleague.staff == known.agent) {
            return Ok(());
        }
        Err(Violation::new("/agent", "unknown", "nobody of this id works for the store").into())
    }
}

impl Carts {
    /// Says what brought a cart about.
    pub(crate) async fn attribute(&self, call: &Call, request: pb::SetAttributionRequest) -> Answer {
        let actor = call.actor()?;
        access::check_write(actor)?;
        let pb::SetAttributionRequest { cart: id, attribution, merge } = request;
        let newest = read(actor, attribution)?;
        // Who does not see what leads to a person can neither write it back nor wipe it out.
        let is_blind = actor.is_staff() && !actor.sees_pii();
        if is_blind && newest.leads_to_somebody() {
            actor.require(Permission::CustomersPii)?;
        }
        if !newest.agent.is_empty() {
            let cart = self.find(actor, &Name::parse(&id)?).await?.ok_or(Error::CartNotFound)?;
            self.colleagues.check(call, cart.store().or(actor.store), &newest).await?;
        }
        let attribute = |cart: &mut Cart, _: &Offers| {
            let known = &mut cart.attribution;
            let (gclid, metadata) = (known.gclid.clone(), known.metadata.clone());
            if merge {
                known.merge(newest.clone())?;
            } else {
                known.replace(newest.clone());
            }
            if is_blind {
                (known.gclid, known.metadata) = (gclid, metadata);
            }
            Ok(())
        };
        self.change(call, &id, Added::Nothing, Deed::Edit(&attribute)).await
    }
}

/// Notes that `call` works on `cart` without changing it: whoever makes a link for a cart without an agent is its agent.
pub async fn work_on(tx: &mut Tx, call: &Call, cart: &mut Cart, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(agent) = agent(call.actor()?).filter(|_| cart.attribution.agent.is_empty()) else { return Ok(()) };
    if store::engage(&mut **tx, cart, agent).await? {
        cart.attribution.worked_on_by(agent);
        cart.version += 1;
        outbox::publish(tx, &pb::CartChanged { at: Some(kit::clock::timestamp(now)), ..cart.changed() });
    }
    Ok(())
}

impl Cart {
    /// What brought the lines of `guest` about is what was said last, as a guest; unless nothing was.
    pub(crate) fn follow(&mut self, guest: &Attribution) -> Result<(), Error> {
        if guest.says_nothing() {
            self.attribution.merge(guest.clone())?;
        } else {
            self.attribution.replace(guest.clone());
        }
        Ok(())
    }
}
