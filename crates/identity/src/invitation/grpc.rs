//! The RPCs of invitations: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::Actor,
    audit::{self, Entry},
    clock::Clock,
    permission::Permission,
    secret::Secrets,
};
use proto::identity::v1::{self as pb, invitation_service_server::InvitationService};
use tonic::{Request, Response, Status};

use super::{
    accept::{accept_invitation, prove, shortest},
    create::{CreateInvitation, Post, create_invitation},
    store,
};
use crate::{
    Error,
    attempt::Limits,
    input,
    membership::{Assigned, Place},
    password::Hasher,
    sign_in::grpc::told_outcome,
    staff,
};

/// The server of the RPCs of invitations.
pub struct Invitations {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) hasher: Hasher,
    pub(crate) limits: Limits,
    pub(crate) post: Post,
}

/// Where `actor` looks after the staff. Services of the house work nowhere and name the place.
fn place(actor: &Actor, named: &str) -> Result<Place, Error> {
    actor.require(Permission::StaffWrite)?;
    if actor.is_system() && !named.is_empty() {
        return named.parse().map_err(|_| Error::StoreNotFound);
    }
    Ok(Place::worked_in(actor)?)
}

#[tonic::async_trait]
impl InvitationService for Invitations {
    async fn create_invitation(
        &self,
        request: Request<pb::CreateInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let request = request.get_ref();
        let place = place(actor, &request.place)?;
        actor.require_recent(now)?;
        let mut faults = input::Faults::default();
        let email = faults.take(input::email("/email", &request.email));
        let role = faults.take(Assigned::parse(&request.role));
        let (Some(email), Some(role)) = (email, role) else { return Err(Error::from(faults).into()) };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let input = CreateInvitation { email, role, place, actor, now };
        let (invitation, token) = create_invitation(&mut tx, input).await?;
        let entry = Entry::new("invitation.created", ("invitation", invitation.id), now).created(invitation.audited());
        audit::record(&mut tx, &call, entry)?;
        tx.commit().await?;
        let link = self.post.link(&token);
        self.post.send(&self.db, &call, (&invitation, link.clone())).await?;
        let tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let link = if actor.is_system() { link } else { String::new() };
        Ok(tx.answer(invitation.told(link)).await?)
    }

    async fn list_invitations(
        &self,
        request: Request<pb::ListInvitationsRequest>,
    ) -> Result<Response<pb::ListInvitationsResponse>, Status> {
        let call = Call::of(&request)?;
        let waiting = store::of_place(self.db.pool(), place(call.actor()?, "")?, self.clock.now()).await?;
        let invitations = waiting.into_iter().map(|invitation| invitation.told(String::new())).collect();
        Ok(Response::new(pb::ListInvitationsResponse { invitations }))
    }

    async fn revoke_invitation(
        &self,
        request: Request<pb::RevokeInvitationRequest>,
    ) -> Result<Response<pb::RevokeInvitationResponse>, Status> {
        let call = Call::of(&request)?;
        let place = place(call.actor()?, "")?;
        let id = request.get_ref().id.parse().map_err(|_| Error::InvitationNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let now = self.clock.now();
        let invitation = store::find(&mut *tx, id, place, now).await?.ok_or(Error::InvitationNotFound)?;
        store::delete(&mut tx, id).await?;
        let entry = Entry::new("invitation.revoked", ("invitation", id), now).removed(invitation.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(pb::RevokeInvitationResponse {}).await?)
    }

    async fn preview_invitation(
        &self,
        request: Request<pb::PreviewInvitationRequest>,
    ) -> Result<Response<pb::InvitationPreview>, Status> {
        let invitation = store::find_by_token(self.db.pool(), &request.get_ref().token, self.clock.now()).await?;
        let invitation = invitation.ok_or(Error::BadInvitation)?;
        let email = input::email("/email", &invitation.email)?;
        let has_account = staff::store::find_login(self.db.pool(), &email).await?.is_some();
        Ok(Response::new(pb::InvitationPreview {
            role_name: invitation.role_name(),
            shortest_password: u32::try_from(shortest(&invitation)).unwrap_or_default(),
            email: invitation.email,
            place_name: invitation.place_name,
            has_account,
        }))
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Result<Response<pb::CreateSessionResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let desk = (&self.db, &self.hasher, &self.secrets, &self.limits);
        let accepted = prove(desk, request.get_ref(), call.client(), now).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let outcome = accept_invitation(&mut tx, accepted, &call, now).await?;
        let answer = told_outcome(&mut tx, &call, outcome).await?;
        Ok(tx.answer(answer).await?)
    }
}
