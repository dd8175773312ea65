//! The role RPCs: authorise, parse, call, encode.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db,
    actor::Actor,
    audit::{self, Entry},
    clock::Clock,
    ids::RoleId,
    permission::Permission,
};
use proto::identity::v1::{self as pb, role_service_server::RoleService};
use tonic::{Request, Response, Status};

use super::{
    change::{ChangeRole, change_role},
    create::{CreateRole, create_role},
    remove::delete_role,
    role::{Change, Plan},
    store,
};
use crate::{
    Error,
    membership::{self, Place, Role},
    session::end,
};

/// The server of role RPCs.
pub struct Roles {
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

fn parse(id: &str) -> Result<RoleId, Error> {
    id.parse().map_err(|_| Error::RoleNotFound)
}

#[tonic::async_trait]
impl RoleService for Roles {
    async fn list_roles(
        &self,
        request: Request<pb::ListRolesRequest>,
    ) -> Result<Response<pb::ListRolesResponse>, Status> {
        let call = Call::of(&request)?;
        let place = place(call.actor()?)?;
        let in_network = place.network().is_some() || call.actor()?.network.is_some();
        let counts = membership::store::count_roles(self.db.pool(), place).await?;
        let count = |role: Role| counts.iter().find(|(known, _)| *known == role).map_or(0, |(_, count)| *count);
        let built_in = Role::ALL.into_iter().map(|role| role.told(place, in_network, count(role)));
        let custom = store::of_place(self.db.pool(), place).await?;
        let roles = built_in.chain(custom.into_iter().map(|(role, members)| role.told(members))).collect();
        Ok(Response::new(pb::ListRolesResponse { roles }))
    }

    async fn create_role(&self, request: Request<pb::CreateRoleRequest>) -> Result<Response<pb::Role>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let place = place_to_change(actor, now)?;
        let plan = Plan::parse(request.get_ref())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let role = create_role(&mut tx, CreateRole { plan, place, actor, now }).await?;
        let entry = Entry::new("role.created", ("role", role.id), now).created(role.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(role.told(0)).await?)
    }

    async fn change_role(&self, request: Request<pb::ChangeRoleRequest>) -> Result<Response<pb::Role>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = place_to_change(call.actor()?, now)?;
        let (id, change) = (parse(&request.get_ref().id)?, Change::parse(request.get_ref())?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let change = ChangeRole { id, place, change, call: &call, now };
        let (role, members, sessions) = change_role(&mut tx, change).await?;
        let answer = tx.answer(role.told(members)).await?;
        end::announce_all(&self.nats, &sessions).await;
        Ok(answer)
    }

    async fn delete_role(
        &self,
        request: Request<pb::DeleteRoleRequest>,
    ) -> Result<Response<pb::DeleteRoleResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = place_to_change(call.actor()?, now)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        delete_role(&mut tx, (id, place), &call, now).await?;
        Ok(tx.answer(pb::DeleteRoleResponse {}).await?)
    }
}
