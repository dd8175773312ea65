//! Signing in with a link, as often as one likes while it is good.
use kit::{
    Call, Tx,
    clock::timestamp,
    email::Email,
    ids::{CustomerId, RealmId, SessionId},
    outbox, secret,
};
use proto::{customers::v1::find_shopper_response::Record, identity::v1::SignedIn};

use super::{
    find, open,
    session::{PREFIX, PURPOSE, PortalSession, end},
    shopper, store,
};
use crate::{Error, account, account::Desk, lookup::By, magic_link};

/// A shopper who followed their link.
#[derive(Debug)]
pub struct Proven {
    /// Their address.
    pub email: Email,
    hash: [u8; 32],
    records: Vec<Record>,
}

/// Whose link it is. It opens nothing once all of their records are closed (ID-9) or keep them out (ID-26).
pub async fn prove(desk: &Desk, call: &Call, token: &str) -> Result<Proven, Error> {
    let email = magic_link::store::open(desk.db.pool(), token, &desk.secrets, desk.clock.now()).await?;
    let email = email.ok_or(Error::BadLink)?;
    let records = find(desk, call, &email).await?;
    let records = open(desk, call, &email, records).await?;
    if records.is_empty() {
        return Err(Error::BadLink);
    }
    let hash = desk.lookup.hash(By::Shopper, email.canonical()).await?;
    Ok(Proven { email, hash, records })
}

/// Opens the session, and remembers which records are the shopper's.
pub async fn sign_in(
    tx: &mut Tx,
    (desk, call): (&Desk, &Call),
    proven: &Proven,
) -> Result<(PortalSession, String), Error> {
    let (now, id) = (desk.clock.now(), SessionId::new(desk.clock.now()));
    let session = PortalSession {
        id,
        shopper_id: shopper::id(proven.hash),
        email: desk.secrets.seal(PURPOSE, id.uuid().as_bytes(), proven.email.entered().as_bytes()),
        authenticated_at: now,
        expires_at: end(now),
    };
    let token = secret::token(PREFIX);
    store::insert(tx, &session, &token, call.client()).await?;
    for record in &proven.records {
        let (Ok(realm), Ok(customer)) = (record.realm.parse::<RealmId>(), record.customer.parse::<CustomerId>()) else {
            continue;
        };
        account::store::index_shopper(tx, proven.hash, realm, customer, now).await?;
        let signed_in = SignedIn {
            realm: realm.into(),
            subject: customer.into(),
            methods: vec!["link".to_owned()],
            at: Some(timestamp(now)),
        };
        outbox::publish(tx, &signed_in);
    }
    Ok((session, token))
}
