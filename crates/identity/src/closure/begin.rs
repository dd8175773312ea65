//! The first step: a code to where the customer is reached.
use kit::{Call, failure::Violation};

use crate::{
    Error,
    account::{Desk, Identity, Own, Visitor},
    code::{self, CodeLetter, Purpose, Question},
};

/// Sends the code by mail, or by text message where only a phone is known.
pub async fn begin_closure(desk: &Desk, call: &Call, visitor: &Visitor, own: Own) -> Result<(), Error> {
    let person = desk.get(call, own.customer).await?;
    let to = reached(&person.phone, visitor).or_else(|_| reached(&person.email, visitor))?;
    let by_mail = reached(&person.email, visitor).ok();
    let proven = match &by_mail {
        Some(Identity::Email(email)) => {
            let hash = desk.lookup.hash(crate::lookup::By::Shopper, email.canonical()).await?;
            crate::account::store::is_shopper(desk.db.pool(), hash, own.realm, Some(own.customer)).await?
        }
        _ => false,
    };
    // A proven e-mail address comes first; an account made with a phone has proven that.
    let to = by_mail.filter(|_| proven).unwrap_or(to);
    code::send::allow(desk, call, &to, desk.clock.now()).await?;
    let letter = CodeLetter {
        visitor,
        question: Question { realm: own.realm, purpose: Purpose::CloseAccount, identity: &String::from(own.customer) },
        to: &to,
        customer: Some(own.customer),
        templates: ["closure_code", "closure_code"],
        usable: true,
    };
    code::send::send(desk, call, &letter, desk.clock.now()).await
}

fn reached(known: &str, visitor: &Visitor) -> Result<Identity, Violation> {
    Identity::parse("/identity", known, &visitor.front.country)
}
