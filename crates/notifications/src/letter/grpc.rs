//! The RPC of letters: authorise, parse, ask, open tx, call, encode.
use std::sync::Arc;

use kit::{Call, Db, clock::Clock, permission::Permission, secret::Secrets, stores::Stores, transport::Transport};
use proto::{
    customers::v1::recipient_service_client::RecipientServiceClient,
    notifications::v1::{self as pb, letter_service_server::LetterService},
};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    Letter,
    write::{WriteLetter, sender, write_letter},
};
use crate::{error::Error, store};

/// The server of this RPC.
pub struct Letters {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) stores: Stores,
    pub(crate) recipients: RecipientServiceClient<Transport>,
    /// Wakes the delivery.
    pub(crate) queued: Arc<Notify>,
}

#[tonic::async_trait]
impl LetterService for Letters {
    async fn write_letter(&self, request: Request<pb::WriteLetterRequest>) -> Result<Response<pb::Message>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        actor.require(Permission::MessagesWrite)?;
        let letter = Letter::parse(request.letter.as_ref())?;
        let customer = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let from = sender(&self.stores, actor, &request.store).await?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let input = WriteLetter { from, customer, letter, now: self.clock.now() };
        let recipient = input.recipient(&self.recipients, &call).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let message = write_letter(&mut tx, (&call, &self.secrets, &self.clock), (input, recipient)).await?;
        let steps = store::steps(&mut *tx, message.realm_id, &[message.id]).await.map_err(Error::from)?;
        let answer = tx.answer(message.tell(&steps, actor.sees_pii())).await?;
        self.queued.notify_one();
        Ok(answer)
    }
}
