//! Block lists (ID-26), which identity keeps: asked about whoever is at the door, and only where there is a list.
use base::denied::Denied;
use mesh::{Call, Error, transport::Transport};
use proto::identity::v1::{CheckBlocksRequest, block_service_client::BlockServiceClient};

use crate::service::Env;

/// Asks identity. Clones share the way.
#[derive(Clone)]
pub struct Blocks(BlockServiceClient<Transport>);

impl Blocks {
    /// For the service `name`.
    pub fn new(env: &Env, name: &'static str) -> anyhow::Result<Self> {
        Ok(Self(BlockServiceClient::new(env.peer(name, "identity")?)))
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
