//! The member RPCs: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{Call, Db, actor::Actor, clock::Clock, ids::StaffId, permission::Permission};
use proto::identity::v1::{self as pb, member_service_server::MemberService};
use tonic::{Request, Response, Status};

use super::{
    Assigned, Place,
    change::{ChangeMember, change_member},
    remove::{RemoveMember, remove_member},
    store,
};
use crate::{Error, session::end};

/// The server of member RPCs.
pub struct Members {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) nats: async_nats::Client,
}

fn place(actor: &Actor) -> Result<Place, Error> {
    actor.require(Permission::StaffWrite)?;
    Ok(Place::worked_in(actor)?)
}

fn place_to_change(actor: &Actor, now: DateTime<Utc>) -> Result<Place, Error> {
    let place = place(actor)?;
    actor.require_recent(now)?;
    Ok(place)
}

fn parse(id: &str) -> Result<StaffId, Error> {
    id.parse().map_err(|_| Error::MemberNotFound)
}

#[tonic::async_trait]
impl MemberService for Members {
    async fn list_members(
        &self,
        request: Request<pb::ListMembersRequest>,
    ) -> Result<Response<pb::ListMembersResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let members = store::of_place(self.db.pool(), place(actor)?, None).await?;
        let in_network = actor.network.is_some();
        let members = members.into_iter().map(|member| member.told(in_network)).collect();
        Ok(Response::new(pb::ListMembersResponse { members }))
    }

    async fn get_member(&self, request: Request<pb::GetMemberRequest>) -> Result<Response<pb::Member>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        let (place, staff) = (place(actor)?, parse(&request.get_ref().staff)?);
        let mut members = store::of_place(self.db.pool(), place, Some(staff)).await?;
        // The membership of the place itself, before that of its network.
        members.sort_by_key(|member| member.place() != Some(place));
        let member = members.into_iter().next().ok_or(Error::MemberNotFound)?;
        Ok(Response::new(member.told(actor.network.is_some())))
    }

    async fn change_member(&self, request: Request<pb::ChangeMemberRequest>) -> Result<Response<pb::Member>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = place_to_change(call.actor()?, now)?;
        let staff = parse(&request.get_ref().staff)?;
        let role = Assigned::parse(&request.get_ref().role)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (member, in_network, sessions) =
            change_member(&mut tx, ChangeMember { staff, place, role, call: &call, now }).await?;
        let answer = tx.answer(member.told(in_network)).await?;
        end::announce_all(&self.nats, &sessions).await;
        Ok(answer)
    }

    async fn remove_member(
        &self,
        request: Request<pb::RemoveMemberRequest>,
    ) -> Result<Response<pb::RemoveMemberResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = place_to_change(call.actor()?, now)?;
        let staff = parse(&request.get_ref().staff)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let sessions = remove_member(&mut tx, RemoveMember { staff, place, call: &call, now }).await?;
        let answer = tx.answer(pb::RemoveMemberResponse {}).await?;
        end::announce_all(&self.nats, &sessions).await;
        Ok(answer)
    }
}
