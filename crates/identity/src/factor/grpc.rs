//! The RPCs of second factors: authorise, parse, call, encode.
use kit::{
    Call, Db, Tx,
    audit::{self, Entry},
    clock::{Clock, timestamp},
    denied::Denied,
    ids::StaffId,
    secret::Secrets,
};
use proto::identity::v1::{self as pb, factor_service_server::FactorService};
use tonic::{Request, Response, Status};

use super::{
    Totp,
    enrol::{self, Enrol, enrol},
    store,
};
use crate::{
    Error,
    attempt::{self, attempt::FACTOR},
    session::{
        self, Subject,
        end::{announce, announce_all, end_all},
    },
    sign_in::{self, challenge::Purpose, grpc::own},
    staff,
};

/// The server of the RPCs of second factors.
pub struct Factors {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) nats: async_nats::Client,
}

async fn told(tx: &mut Tx, staff: StaffId, challenge: String, totp: &Totp) -> Result<pb::Enrolment, Error> {
    let staff = staff::store::find(&mut **tx, staff).await?.ok_or(Denied::Unauthenticated)?;
    Ok(pb::Enrolment { challenge, secret: totp.base32(), uri: totp.uri(&staff.email) })
}

impl Factors {
    /// The authenticator that is confirmed with `request`, and the step its code belongs to; the try is counted.
    async fn try_confirm(
        &self,
        staff: StaffId,
        request: &pb::ConfirmEnrolmentRequest,
    ) -> Result<(uuid::Uuid, Totp, i64), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        let challenge = sign_in::store::count_try(&mut tx, Purpose::Enrol, &request.challenge, now).await?;
        let challenge = challenge.filter(|challenge| challenge.staff_id == staff).ok_or(Error::BadChallenge)?;
        attempt::store::count(&mut tx, &FACTOR, staff.uuid().as_bytes(), now).await?;
        tx.commit().await?;
        let totp = Totp::open(&challenge.secret.unwrap_or_default(), staff, &self.secrets)?;
        let step = totp.step(&request.code, now).ok_or(Error::BadFactor)?;
        Ok((challenge.id, totp, step))
    }
}

#[tonic::async_trait]
impl FactorService for Factors {
    async fn get_factor(&self, request: Request<pb::GetFactorRequest>) -> Result<Response<pb::Factor>, Status> {
        let call = Call::of(&request)?;
        let (staff, _) = own(call.actor()?)?;
        let (enrolled_at, left) = store::describe(self.db.pool(), staff).await?;
        Ok(Response::new(pb::Factor {
            enrolled: enrolled_at.is_some(),
            enrolled_at: enrolled_at.map(timestamp),
            recovery_codes_left: u32::try_from(left).unwrap_or_default(),
        }))
    }

    async fn begin_enrolment(
        &self,
        request: Request<pb::BeginEnrolmentRequest>,
    ) -> Result<Response<pb::Enrolment>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let challenge = request.into_inner().challenge;
        let signed_in = if challenge.is_empty() {
            let actor = call.actor()?;
            actor.require_recent(now)?;
            Some(own(actor)?.0)
        } else {
            None
        };
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (staff, challenge, totp) = if let Some(staff) = signed_in {
            let (challenge, totp) = enrol::begin(&mut tx, staff, &self.secrets, now).await?;
            (staff, challenge, totp)
        } else {
            let (staff, totp) = enrol::begin_with_challenge(&mut tx, &challenge, &self.secrets, now).await?;
            (staff, challenge, totp)
        };
        let answer = told(&mut tx, staff, challenge, &totp).await?;
        Ok(tx.answer(answer).await?)
    }

    async fn confirm_enrolment(
        &self,
        request: Request<pb::ConfirmEnrolmentRequest>,
    ) -> Result<Response<pb::RecoveryCodes>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require_recent(now)?;
        let (staff, session) = own(actor)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let (challenge, totp, step) = self.try_confirm(staff, request.get_ref()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        if !sign_in::store::consume(&mut tx, challenge, now).await? {
            return Err(Error::BadChallenge.into());
        }
        let input = Enrol { staff, totp: &totp, step, replaces: true, now };
        let codes = enrol(&mut tx, input, &self.secrets).await?;
        attempt::store::forget(&mut tx, &FACTOR, staff.uuid().as_bytes()).await?;
        session::store::prove_anew(&mut tx, session, "otp", now).await?;
        audit::record(&mut tx, &call, Entry::new("factor.enrolled", ("staff", staff), now))?;
        let ended = end_all(&mut tx, Subject::Staff(staff), Some(session), now).await?;
        let answer = tx.answer(pb::RecoveryCodes { codes }).await?;
        announce(&self.nats, session).await;
        announce_all(&self.nats, &ended).await;
        Ok(answer)
    }

    async fn renew_recovery_codes(
        &self,
        request: Request<pb::RenewRecoveryCodesRequest>,
    ) -> Result<Response<pb::RecoveryCodes>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        actor.require_recent_factor(now)?;
        let (staff, _) = own(actor)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let codes = enrol::renew(&mut tx, staff, now).await?;
        audit::record(&mut tx, &call, Entry::new("recovery_codes.renewed", ("staff", staff), now))?;
        Ok(tx.answer(pb::RecoveryCodes { codes }).await?)
    }
}
