//! Whose link it is, and their session.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Tx, clock,
    failure::{Code, Told},
    ids::{CustomerId, RealmId},
};
use proto::carts::v1::{FollowCheckoutLinkRequest, FollowedCheckoutLink};

use super::METHOD;
use crate::{
    Error,
    account::Desk,
    block,
    session::{Session, Subject, open::keep_session, store as sessions},
};

/// How long somebody stays signed in at the most, on a device that may be anybody's.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Somebody who has a link.
#[derive(Debug)]
pub struct Proven {
    /// Where it leads.
    pub link: FollowedCheckoutLink,
    realm: RealmId,
    customer: CustomerId,
    ends_at: DateTime<Utc>,
    /// When they came, before their door was found open.
    came_at: DateTime<Utc>,
}

/// Where a link leads. It opens nothing for whoever is inactive (ID-9), or kept out (ID-26), nor once everything was
/// ended that was open when it was made: by another e-mail address or password, or by the customer (ID-10, CU-8).
pub async fn prove(desk: &Desk, call: &Call, token: &str) -> Result<Proven, Error> {
    let now = desk.clock.now();
    let request = call.trace(FollowCheckoutLinkRequest { token: token.to_owned() });
    let link = match desk.checkout_links.clone().follow_checkout_link(request).await {
        Ok(link) => link.into_inner(),
        Err(status) if Told::read(&status).code == Code::NotFound => return Err(Error::BadLink),
        Err(status) => return Err(status.into()),
    };
    let (Ok(realm), Ok(customer)) = (link.realm.parse(), link.customer.parse()) else { return Err(Error::BadLink) };
    let person = desk.get(call, customer).await?;
    let from = (&*call.client().ip, &*person.email);
    if !person.is_active || block::check::is_blocked((&desk.db, &desk.lookup), realm, from, now).await? {
        return Err(Error::BadLink);
    }
    let made_at = link.created_at.as_ref().and_then(clock::datetime).ok_or(Error::BadLink)?;
    if sessions::is_cut_off(desk.db.pool(), (realm, person.id), made_at).await? {
        return Err(Error::BadLink);
    }
    let ends_at = link.expires_at.as_ref().and_then(clock::datetime).map_or(now, |end| end.min(now + LONGEST));
    Ok(Proven { link, realm, customer: person.id, ends_at, came_at: now })
}

/// Opens the session, which ends with the link at the latest.
pub async fn sign_in(tx: &mut Tx, call: &Call, proven: &Proven) -> Result<(Session, String), Error> {
    let subject = Subject::Customer(proven.realm, proven.customer);
    let session = Session {
        expires_at: proven.ends_at,
        ends_at: Some(proven.ends_at),
        ..Session::start(subject, &[METHOD], proven.came_at)
    };
    let token = keep_session(tx, &session, call.client()).await?;
    Ok((session, token))
}
