//! Makes a link for a cart as it is configured.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry, json},
    ids::{CheckoutLinkId, CustomerId},
    secret,
};
use proto::carts::v1 as pb;

use super::{
    Link,
    link::{PREFIX, hash, lifetime},
    post::Channel,
    store,
};
use crate::{Error, cart::Cart};

/// A link to make.
#[derive(Clone, Copy, Debug)]
pub struct CreateLink {
    /// How it is sent, when it is.
    pub(super) channel: Option<Channel>,
    lifetime: TimeDelta,
    now: DateTime<Utc>,
}

impl CreateLink {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &pb::CreateCheckoutLinkRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        match (Channel::parse(&request.channel), lifetime(request.expires_in)) {
            (Ok(channel), Ok(lifetime)) => Ok(Self { channel: request.send.then_some(channel), lifetime, now }),
            (channel, lifetime) => {
                Err(kit::Error::Invalid(channel.err().into_iter().chain(lifetime.err()).collect()).into())
            }
        }
    }
}

/// Whose cart it is, when a link can be made for it: somebody has to be signed in by it, to buy something.
pub fn check(cart: &Cart, now: DateTime<Utc>) -> Result<CustomerId, Error> {
    cart.check_open(now)?;
    if cart.lines.is_empty() {
        return Err(Error::CartEmpty);
    }
    cart.customer.ok_or(Error::CustomerNeeded)
}

/// Makes the link; answers it with its token, which is shown this once.
pub async fn create_link(tx: &mut Tx, call: &Call, cart: &Cart, input: CreateLink) -> Result<(Link, String), Error> {
    let customer = check(cart, input.now)?;
    let token = secret::token(PREFIX);
    let link = Link {
        realm: cart.realm,
        id: CheckoutLinkId::new(input.now),
        cart: cart.id,
        customer,
        token_hash: hash(&token).to_vec(),
        sent_by: input.channel.map(Channel::slug).unwrap_or_default().to_owned(),
        created_by: call.actor()?.subject.clone(),
        created_at: input.now,
        expires_at: input.now + input.lifetime,
        revoked_at: None,
    };
    store::insert(tx, &link).await?;
    let after =
        json!({ "cart": cart.id.to_string(), "sent_by": link.sent_by, "expires_at": link.expires_at.to_rfc3339() });
    let entry = Entry::new("checkout_link.created", ("checkout_link", link.id), input.now).about(customer);
    audit::record(tx, call, entry.created(after))?;
    Ok((link, token))
}
