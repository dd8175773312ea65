//! Inviting somebody to work for a store or network.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    Call, Error as KitError, Tx,
    actor::Actor,
    email::Email,
    ids::{InvitationId, MessageId, RealmId},
    secret,
    transport::Transport,
};
use proto::notifications::v1::{SendMessageRequest, message_service_client::MessageServiceClient};

use super::{Invitation, store};
use crate::{
    Error,
    membership::{self, Assigned, Place},
    shop, staff,
};

/// Somebody to invite.
#[derive(Debug)]
pub struct CreateInvitation<'a> {
    /// Who.
    pub email: Email,
    /// As what.
    pub role: Assigned,
    /// Where.
    pub place: Place,
    /// Who invites.
    pub actor: &'a Actor,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Adds an invitation; answers it with the token of its link. Nobody gives what they lack, and nobody is invited to
/// where they are.
pub async fn create_invitation(tx: &mut Tx, input: CreateInvitation<'_>) -> Result<(Invitation, String), Error> {
    let CreateInvitation { email, role, place, actor, now } = input;
    let standing = membership::standing::of(tx, actor, place).await?;
    let (grant, _) = role.resolve(tx, place, standing.in_network).await?;
    standing.may_give(grant)?;
    if let Some(login) = staff::store::find_login(&mut **tx, &email).await?
        && membership::store::member(tx, login.id, place).await?.is_some()
    {
        return Err(Error::AlreadyMember);
    }
    let (id, token) = (InvitationId::new(now), secret::token("invitation"));
    let entry = store::Entry { id, place, email: &email, role, by: &actor.subject, token: &token, now };
    store::put(tx, &entry).await?;
    let invitation = store::find(&mut **tx, id, place, now).await?;
    let invitation = invitation.ok_or_else(|| KitError::Internal("a new invitation is not there".to_owned()))?;
    Ok((invitation, token))
}

/// Sends links in the name of a store.
#[derive(Clone)]
pub struct Post {
    pub(crate) messages: MessageServiceClient<Transport>,
    /// The address of the house, without a slash at its end.
    pub(crate) public: String,
}

impl Post {
    /// The link that carries `token`.
    #[must_use]
    pub fn link(&self, token: &str) -> String {
        format!("{}/console/invitation?token={token}", self.public)
    }

    /// Has the link sent; the message has the id of the invitation, so that a repetition sends nothing twice.
    pub async fn send(
        &self,
        db: &kit::Db,
        call: &Call,
        (invitation, link): (&Invitation, String),
    ) -> Result<(), Error> {
        let realm = match invitation.place() {
            Some(Place::Store(id)) => shop::store::find(db.pool(), id).await?.map(|store| store.realm),
            Some(Place::Network(id)) => Some(RealmId::from_uuid(id.uuid())),
            None => None,
        };
        let realm = realm.ok_or(Error::StoreNotFound)?;
        let front = shop::store::front(db.pool(), realm, invitation.store_id).await?.ok_or(Error::StoreNotFound)?;
        let request = SendMessageRequest {
            id: MessageId::from_uuid(invitation.id.uuid()).into(),
            realm: realm.into(),
            store: front.store.into(),
            customer: String::new(),
            channel: "email".to_owned(),
            to: invitation.email.clone(),
            template: "staff_invitation".to_owned(),
            values: HashMap::new(),
            secrets: HashMap::from([("link".to_owned(), link), ("role".to_owned(), invitation.role_name())]),
        };
        self.messages.clone().send_message(call.trace(request)).await?;
        Ok(())
    }
}
