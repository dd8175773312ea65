//! Block lists (ID-26), which identity keeps: asked about whoever is at the door, and only where there is a list.
use base::denied::Denied;
use proto::identity::v1::{CheckBlocksRequest, block_service_client::BlockServiceClient};

use crate::{call::Call, error::Error, transport::Transport};

/// Asks identity. Clones share the way.
#[derive(Clone)]
pub struct Blocks(BlockServiceClient<Transport>);

impl Blocks {
    /// By the way to identity.
    #[must_use]
    pub fn new(identity: Transport) -> Self {
        Self(BlockServiceClient::new(identity))
    }

    /// Refuses whoever sends `call` when they, or the e-mail address they give, are kept out of the customer base.
    pub async fn refuse(&self, call: &Call, email: &str) -> Result<(), Error> {
        let actor = call.actor()?;
        if !actor.has_blocks {
            return Ok(());
        }
        let (realm, ip) = (actor.realm()?.into(), call.client().ip.clone());
        let request = call.trace(CheckBlocksRequest { realm, ip, email: email.to_owned() });
        let blocked = self.0.clone().check_blocks(request).await?.into_inner().blocked;
        if blocked { Err(Denied::Blocked.into()) } else { Ok(()) }
    }
}
