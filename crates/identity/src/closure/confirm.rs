//! The second step: nothing signs in to the account any longer, and it is nobody's who is shown to members. The record
//! stays, as a guest's.
use kit::{Call, Tx, clock::timestamp, outbox};
use proto::identity::v1::CustomerClosed;
use uuid::Uuid;

use crate::{
    Error,
    account::{self, Desk, Own},
    code::{self, Purpose, Question},
    device, provider,
    session::{shut_out::shut_out, store::Opened},
};

/// Tries the code; answers its id.
pub async fn prove(desk: &Desk, call: &Call, own: Own, code: &str) -> Result<Uuid, Error> {
    let identity = String::from(own.customer);
    let question = Question { realm: own.realm, purpose: Purpose::CloseAccount, identity: &identity };
    code::prove(desk, call, &question, code).await
}

/// Closes the account; answers the sessions that have ended.
pub async fn close(tx: &mut Tx, desk: &Desk, own: Own, code: Uuid) -> Result<Vec<Opened>, Error> {
    let (now, identity) = (desk.clock.now(), String::from(own.customer));
    let question = Question { realm: own.realm, purpose: Purpose::CloseAccount, identity: &identity };
    if !code::store::consume(tx, &question, &desk.secrets, code, now).await? {
        return Err(Error::BadCode);
    }
    account::store::delete(tx, own.realm, own.customer).await?;
    account::store::forget_shopper(tx, own.realm, own.customer).await?;
    provider::store::forget(tx, own.realm, own.customer).await?;
    device::store::delete_all(tx, own.realm, own.customer).await?;
    let closed = CustomerClosed { realm: own.realm.into(), customer: own.customer.into(), at: Some(timestamp(now)) };
    outbox::publish(tx, &closed);
    shut_out(tx, own.realm, own.customer, now).await
}
