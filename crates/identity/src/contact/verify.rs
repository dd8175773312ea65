//! Taking a proven address or number over. Customers changes the record first, where the unique index decides whose it
//! is; then the code is used up. What fails between the two can be done again with the same code.
use kit::{Call, Tx, failure::Told};
use proto::customers::v1::{ChangeContactRequest, change_contact_request::Proven as Contact};
use uuid::Uuid;

use super::request::{claim, purpose};
use crate::{
    Error,
    account::{self, Desk, Identity, Own, desk::Person},
    code::{self, Question},
    lookup::By,
};

/// What customers says when it is somebody else's.
const TAKEN: [&str; 2] = ["email_taken", "phone_taken"];

/// An address or number that was proven.
#[derive(Debug)]
pub struct Proven {
    /// The customer as they were.
    pub former: Person,
    code: Uuid,
}

/// Tries the code, and has the record changed.
pub async fn prove(desk: &Desk, call: &Call, (own, identity): (Own, &Identity), code: &str) -> Result<Proven, Error> {
    let claim = claim(own.customer, identity);
    let question = Question { realm: own.realm, purpose: purpose(identity), identity: &claim };
    let code = code::prove(desk, call, &question, code).await?;
    let former = desk.get(call, own.customer).await?;
    let entered = identity.entered().to_owned();
    let contact = match identity {
        Identity::Email(_) => Contact::Email(entered),
        Identity::Phone(_) => Contact::Phone(entered),
    };
    let request =
        ChangeContactRequest { realm: own.realm.into(), customer: own.customer.into(), proven: Some(contact) };
    match desk.persons.clone().change_contact(call.trace(request)).await {
        Ok(_) => Ok(Proven { former, code }),
        Err(status) if TAKEN.contains(&&*Told::read(&status).reason) => Err(Error::BadCode),
        Err(status) => Err(status.into()),
    }
}

/// Uses the code up; the address or number signs in from now on.
pub async fn change_contact(
    tx: &mut Tx,
    desk: &Desk,
    (own, identity): (Own, &Identity),
    proven: &Proven,
) -> Result<(), Error> {
    let (now, claim) = (desk.clock.now(), claim(own.customer, identity));
    let question = Question { realm: own.realm, purpose: purpose(identity), identity: &claim };
    if !code::store::consume(tx, &question, &desk.secrets, proven.code, now).await? {
        return Err(Error::BadCode);
    }
    match identity {
        Identity::Email(email) => {
            let hash = desk.lookup.hash(By::Shopper, email.canonical()).await?;
            account::store::forget_shopper(tx, own.realm, own.customer).await?;
            account::store::index_shopper(tx, hash, own.realm, own.customer, now).await
        }
        Identity::Phone(phone) => {
            let hash = desk.lookup.hash(By::Phone, phone.as_str()).await?;
            account::store::set_phone(tx, own.realm, own.customer, hash).await
        }
    }
}
