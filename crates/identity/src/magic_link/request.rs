//! Asking for a link: at the house's own address, or from a store's, then in that store's name. Whether anybody is known
//! by the e-mail address shows neither in the answer nor in the work (ID-7).
use std::collections::HashMap;

use kit::{Call, email::Email, ids::MessageId};
use proto::notifications::v1::SendMessageRequest;

use super::{magic_link::MagicLink, store};
use crate::{
    Error,
    account::{Desk, Identity, Visitor},
    code, shopper,
};

/// Has the link sent. Nothing opens for somebody who is known nowhere, inactive where they ask (ID-9), or kept out
/// wherever they are known (ID-26).
pub async fn request_link(desk: &Desk, call: &Call, visitor: Option<&Visitor>, email: &Email) -> Result<(), Error> {
    let now = desk.clock.now();
    code::send::allow(desk, call, &Identity::Email(email.clone()), now).await?;
    let records = shopper::find(desk, call, email).await?;
    let here = visitor.map(|visitor| String::from(visitor.realm));
    let barred = records.iter().any(|record| here.as_ref() == Some(&record.realm) && record.status != "active");
    let usable = !shopper::open(desk, call, email, records.clone()).await?.is_empty() && !barred;
    let link = MagicLink::fresh(now);
    let mut tx = desk.db.begin_own().await?;
    store::insert(&mut tx, &link, (email, &desk.secrets), usable, now).await?;
    tx.commit().await?;
    let known = records.iter().find(|record| here.as_ref() == Some(&record.realm));
    let customer = known.map(|record| record.customer.clone()).unwrap_or_default();
    let message = SendMessageRequest { customer, ..message(desk, visitor, (email, &link), usable) };
    desk.messages.clone().send_message(call.trace(message)).await?;
    Ok(())
}

fn message(
    desk: &Desk,
    visitor: Option<&Visitor>,
    (email, link): (&Email, &MagicLink),
    usable: bool,
) -> SendMessageRequest {
    let address = HashMap::from([("link".to_owned(), link.address(&desk.public))]);
    let (template, secrets) = if usable { ("magic_link", address) } else { ("no_purchases", HashMap::new()) };
    SendMessageRequest {
        id: MessageId::from_uuid(link.id).into(),
        realm: visitor.map(|visitor| visitor.realm.into()).unwrap_or_default(),
        store: visitor.map(|visitor| visitor.front.store.into()).unwrap_or_default(),
        channel: "email".to_owned(),
        to: email.entered().to_owned(),
        template: template.to_owned(),
        secrets,
        ..SendMessageRequest::default()
    }
}
