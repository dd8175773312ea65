//! Asking for a code to sign in with. It goes by text message, or by e-mail while those do not go out; the answer says
//! which, and nothing about whether there is an account (ID-7).
use chrono::{DateTime, Utc};
use kit::{Call, email::Email};
use proto::notifications::v1::GetChannelRequest;

use crate::{
    Error,
    account::{self, Desk, Identity, Visitor, desk::Person},
    code::{self, CodeLetter, Purpose, Question},
    lookup::By,
};

/// A code to send.
#[derive(Debug)]
pub struct RequestSignInCode<'a> {
    /// Who asks.
    pub visitor: &'a Visitor,
    /// Who they say they are.
    pub identity: &'a Identity,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Sends the code; answers how. Guests have no account to sign in to (ID-8), and the inactive stay outside (ID-9).
pub async fn request_code(desk: &Desk, call: &Call, input: &RequestSignInCode<'_>) -> Result<&'static str, Error> {
    code::send::allow(desk, call, input.identity, input.now).await?;
    let realm = input.visitor.realm;
    let person = desk.find(call, realm, input.identity.canonical()).await?;
    let account = account::store::find(desk.db.pool(), realm, person.as_ref().map(|person| person.id)).await?;
    let usable = account.is_some() && person.as_ref().is_some_and(|person| person.is_active);
    let (method, fallback) = way(desk, call, input, person.as_ref()).await?;
    let letter = CodeLetter {
        visitor: input.visitor,
        question: Question { realm, purpose: Purpose::Login, identity: input.identity.canonical() },
        to: fallback.as_ref().unwrap_or(input.identity),
        customer: person.map(|person| person.id),
        templates: ["login_code", "no_account"],
        usable,
    };
    code::send::send(desk, call, &letter, input.now).await?;
    Ok(method)
}

/// How codes to this identity go just now, and the proven e-mail address of `person` where that is by e-mail instead.
async fn way(
    desk: &Desk,
    call: &Call,
    input: &RequestSignInCode<'_>,
    person: Option<&Person>,
) -> Result<(&'static str, Option<Identity>), Error> {
    let Identity::Phone(_) = input.identity else { return Ok(("email", None)) };
    let request = GetChannelRequest { channel: "sms".to_owned() };
    if desk.channels.clone().get_channel(call.trace(request)).await?.into_inner().works {
        return Ok(("sms", None));
    }
    let email = person.and_then(|person| Email::parse(&person.email).ok());
    let hash = desk.lookup.hash(By::Shopper, email.as_ref().map_or("", Email::canonical)).await?;
    // An address that nobody has proven is somebody else's for all we know.
    let proven = account::store::is_shopper(desk.db.pool(), hash, input.visitor.realm, person.map(|p| p.id)).await?;
    Ok(("email", email.filter(|_| proven).map(Identity::Email)))
}
