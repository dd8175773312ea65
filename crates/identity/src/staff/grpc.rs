//! The staff RPCs: authorise, parse, call, encode.
use kit::{
    Call, Db,
    audit::{Entry, json},
    clock::Clock,
    denied::Denied,
    secret::Secrets,
};
use proto::identity::v1::{self as pb, staff_service_server::StaffService};
use tonic::{Request, Response, Status};

use super::{
    create::{CreateStaff, create_staff},
    store,
};
use crate::{audit, password::Hasher};

/// The server of staff RPCs.
pub struct StaffMembers {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) hasher: Hasher,
}

#[tonic::async_trait]
impl StaffService for StaffMembers {
    async fn create_staff(
        &self,
        request: Request<pb::CreateStaffRequest>,
    ) -> Result<Response<pb::CreateStaffResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let now = self.clock.now();
        let input = CreateStaff::parse(request.get_ref(), now)?;
        let password_hash = input.hash(&self.hasher).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (staff, totp) = create_staff(&mut tx, input, &password_hash, &self.secrets).await?;
        let after = json!({ "role": staff.memberships.first().map(|seat| seat.role.slug()), "factor": totp.is_some() });
        let entry = Entry::new("staff.created", ("staff", staff.id), now).created(after);
        audit::everywhere::record(&mut tx, &call, staff.id, &entry).await?;
        let totp_secret = totp.map(|totp| totp.base32()).unwrap_or_default();
        Ok(tx.answer(pb::CreateStaffResponse { staff: Some(staff.into()), totp_secret }).await?)
    }

    async fn get_current_staff(
        &self,
        request: Request<pb::GetCurrentStaffRequest>,
    ) -> Result<Response<pb::Staff>, Status> {
        let call = Call::of(&request)?;
        let id = call.actor()?.staff().ok_or(Denied::WrongCaller)?;
        let staff = store::find(self.db.pool(), id).await?.ok_or(Denied::Unauthenticated)?;
        Ok(Response::new(staff.into()))
    }
}
