//! Sealing and opening for other services.
use std::str::FromStr;

use kit::{
    Call, Db,
    clock::Clock,
    failure::Violation,
    ids::{CustomerId, RealmId},
};
use proto::customers::v1::{self as pb, sealing_service_server::SealingService};
use tonic::{Request, Response, Status};

use super::{Keys, store};
use crate::Error;

/// Most values at once.
const MOST: usize = 1_000;

/// The server of sealing RPCs.
pub struct Sealing {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
}

fn id<T: FromStr>(pointer: &'static str, text: &str) -> Result<T, Violation> {
    text.parse().map_err(|_| Violation::new(pointer, "malformed", "this is not an id of that kind"))
}

/// Whose values these are, in their order.
fn owners<'a>(values: impl ExactSizeIterator<Item = &'a String>) -> Result<Vec<CustomerId>, Violation> {
    if values.len() > MOST {
        return Err(Violation::new("/values", "too_many", "at most 1 000 values at once"));
    }
    values.map(|customer| id("/values", customer)).collect()
}

#[tonic::async_trait]
impl SealingService for Sealing {
    async fn seal(&self, request: Request<pb::SealRequest>) -> Result<Response<pb::SealResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let request = request.into_inner();
        let realm: RealmId = id("/realm", &request.realm).map_err(Error::from)?;
        let owners = owners(request.values.iter().map(|value| &value.customer)).map_err(Error::from)?;
        let mut tx = self.db.begin_own().await?;
        if !store::are_known(&mut *tx, realm, &owners).await.map_err(Error::from)? {
            return Err(Error::CustomerNotFound.into());
        }
        let keys = self.keys.ensure(&mut tx, realm, &owners, self.clock.now()).await?;
        tx.commit().await?;
        let sealed = owners.iter().zip(&request.values).map(|(owner, value)| {
            keys.get(owner).map(|key| key.seal(&request.purpose, &value.plain)).unwrap_or_default().into()
        });
        Ok(Response::new(pb::SealResponse { sealed: sealed.collect() }))
    }

    async fn open(&self, request: Request<pb::OpenRequest>) -> Result<Response<pb::OpenResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let request = request.into_inner();
        let realm = id("/realm", &request.realm).map_err(Error::from)?;
        let owners = owners(request.values.iter().map(|value| &value.customer)).map_err(Error::from)?;
        let mut connection = self.db.pool().acquire().await.map_err(Error::from)?;
        let keys = self.keys.find(&mut connection, realm, &owners).await?;
        let values = owners.iter().zip(&request.values).map(|(owner, value)| {
            let plain = keys.get(owner).and_then(|key| key.open(&request.purpose, &value.sealed).ok());
            pb::OpenedValue { plain: plain.map(Into::into) }
        });
        Ok(Response::new(pb::OpenResponse { values: values.collect() }))
    }
}
