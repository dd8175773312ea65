//! The RPCs.
use std::sync::Arc;

use kit::{
    Call, Db,
    clock::Clock,
    ids::MessageId,
    page::{self, Pager},
    permission::Permission,
    secret::Secrets,
};
use proto::notifications::v1::{self as pb, message_service_server::MessageService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use crate::{
    error::Error,
    list::ListMessages,
    send::{SendMessage, send_message},
    store,
};

/// The RPCs about messages.
pub struct Messages {
    /// The service's database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Seals what is secret.
    pub secrets: Secrets,
    /// Makes cursors.
    pub pager: Pager,
    /// Wakes the delivery.
    pub queued: Arc<Notify>,
}

#[tonic::async_trait]
impl MessageService for Messages {
    async fn send_message(&self, request: Request<pb::SendMessageRequest>) -> Result<Response<pb::Message>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let input = SendMessage::parse(request.into_inner(), &self.secrets, &self.clock)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let message = send_message(&mut tx, input).await?;
        let steps = store::steps(&mut *tx, message.realm_id, &[message.id]).await.map_err(Error::from)?;
        let answer = tx.answer(message.tell(&steps, true)).await?;
        self.queued.notify_one();
        Ok(answer)
    }

    async fn get_message(&self, request: Request<pb::GetMessageRequest>) -> Result<Response<pb::Message>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::MessagesRead)?;
        let realm = actor.realm()?;
        let id: MessageId = request.into_inner().id.parse().map_err(|_| Error::MessageNotFound)?;
        let message = store::find(self.db.pool(), realm, actor.store, id).await.map_err(Error::from)?;
        let message = message.ok_or(Error::MessageNotFound)?;
        let steps = store::steps(self.db.pool(), realm, &[id]).await.map_err(Error::from)?;
        Ok(Response::new(message.tell(&steps, actor.sees_pii())))
    }

    async fn list_messages(
        &self,
        request: Request<pb::ListMessagesRequest>,
    ) -> Result<Response<pb::ListMessagesResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::MessagesRead)?;
        let list = ListMessages::parse(&request.into_inner(), actor, &self.pager)?;
        Ok(Response::new(self.read(list, actor.sees_pii()).await?))
    }
}

impl Messages {
    async fn read(&self, list: ListMessages, sees_pii: bool) -> Result<pb::ListMessagesResponse, Error> {
        let db = self.db.pool();
        let rows = store::list(db, &list.filter, &list.page, list.from).await?;
        let (rows, mut page) = list.finish(&self.pager, rows);
        if list.page.total {
            page.total = page::total(store::count(db, &list.filter).await?);
        }
        let ids: Vec<_> = rows.iter().map(|message| message.id).collect();
        let steps = store::steps(db, list.filter.realm, &ids).await?;
        let messages = rows.into_iter().map(|message| message.tell(&steps, sees_pii)).collect();
        Ok(pb::ListMessagesResponse { messages, page: Some(page) })
    }
}
