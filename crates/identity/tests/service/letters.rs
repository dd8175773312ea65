//! Stands in for notifications: keeps what was to be sent.
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use proto::notifications::v1::{
    self as pb, channel_service_server::ChannelService, message_service_server::MessageService,
};
use tonic::{Request, Response, Status};

/// The stand-in. Clones share the letters.
#[derive(Clone, Default)]
pub struct Letters(Arc<Mutex<Vec<pb::SendMessageRequest>>>, Arc<AtomicBool>);

impl Letters {
    pub fn all(&self) -> MutexGuard<'_, Vec<pb::SendMessageRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets text messages be stuck, or go out again.
    pub fn set_stuck(&self, stuck: bool) {
        self.1.store(stuck, Ordering::SeqCst);
    }

    /// The newest letter.
    pub fn last(&self) -> pb::SendMessageRequest {
        self.all().last().cloned().unwrap_or_default()
    }

    /// The code in the newest letter; empty when it carries none.
    pub fn code(&self) -> String {
        self.last().secrets.get("code").cloned().unwrap_or_default()
    }
}

#[tonic::async_trait]
impl MessageService for Letters {
    async fn send_message(&self, request: Request<pb::SendMessageRequest>) -> Result<Response<pb::Message>, Status> {
        self.all().push(request.into_inner());
        Ok(Response::new(pb::Message::default()))
    }

    async fn get_message(&self, _: Request<pb::GetMessageRequest>) -> Result<Response<pb::Message>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }

    async fn list_messages(
        &self,
        _: Request<pb::ListMessagesRequest>,
    ) -> Result<Response<pb::ListMessagesResponse>, Status> {
        Err(Status::unimplemented("identity does not ask this"))
    }
}

#[tonic::async_trait]
impl ChannelService for Letters {
    async fn get_channel(&self, request: Request<pb::GetChannelRequest>) -> Result<Response<pb::Channel>, Status> {
        let works = request.into_inner().channel != "sms" || !self.1.load(Ordering::SeqCst);
        Ok(Response::new(pb::Channel { works }))
    }
}
