//! The RPCs of files of tickets: authorise, parse, open tx, call, encode.
use files::Files;
use kit::{Call, Db, clock::Clock, ids::TicketId, permission::Permission, reads::Reads, transport::Transport};
use proto::{
    customers::v1::{self as pb, attachment_service_server::AttachmentService},
    identity::v1::shopper_service_client::ShopperServiceClient,
};
use tonic::{Request, Response, Status};

use super::{
    Attachment,
    add::{NewAttachment, add},
    attachment::place,
    store,
};
use crate::{
    Error,
    key::Keys,
    ticket::{self, Status as State, Ticket, viewer::Viewer},
};

/// Bytes of a piece.
const PIECE: i64 = 1024 * 1024;

/// The server of attachment RPCs.
pub struct Attachments {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
    pub(crate) files: Files,
    pub(crate) shoppers: ShopperServiceClient<Transport>,
}

impl Attachments {
    async fn viewer(&self, call: &Call, needed: Permission) -> Result<Viewer, Error> {
        Viewer::of(self.db.pool(), &self.shoppers, (call, needed)).await
    }

    async fn ticket(&self, viewer: &Viewer, id: &str) -> Result<Ticket, Error> {
        let id: TicketId = id.parse().map_err(|_| Error::TicketNotFound)?;
        Ok(ticket::find(self.db.pool(), viewer, id).await?.ok_or(Error::TicketNotFound)?.ticket)
    }

    /// At most `length` bytes of `file` from `offset` on.
    async fn read(&self, file: &Attachment, offset: i64, length: i64) -> Result<bytes::Bytes, Error> {
        let mut connection = self.db.pool().acquire().await?;
        let key = self.keys.find(&mut connection, file.realm, &[file.sealed_for]).await?.remove(&file.sealed_for);
        connection.finish();
        let key = key.ok_or(Error::AttachmentNotFound)?;
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        let place = place(file.realm, file.id);
        let wanted = (number(offset), number(length.min(PIECE)));
        let read = self.files.read_sealed((&place, number(file.size)), &key, wanted).await?;
        read.ok_or(Error::AttachmentNotFound)
    }
}

#[tonic::async_trait]
impl AttachmentService for Attachments {
    async fn add_attachment(
        &self,
        request: Request<pb::AddAttachmentRequest>,
    ) -> Result<Response<pb::Attachment>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let viewer = self.viewer(&call, Permission::TicketsWrite).await?;
        let ticket = self.ticket(&viewer, &request.ticket).await?;
        let input = NewAttachment::parse(request, &call, self.clock.now())?;
        if viewer.is_staff() && ticket.status == State::Closed {
            return Err(Error::TicketClosed.into());
        }
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let file = input.keep((&self.db, &self.files), &self.keys, &ticket).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        add(&mut tx, (&call, &self.keys), (&file, &ticket)).await?;
        Ok(tx.answer(file.told()).await?)
    }

    async fn read_attachment(
        &self,
        request: Request<pb::ReadAttachmentRequest>,
    ) -> Result<Response<pb::AttachmentPiece>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let viewer = self.viewer(&call, Permission::TicketsRead).await?;
        if viewer.is_staff() {
            // What somebody sends is about them (ID-23).
            call.actor()?.require(Permission::CustomersPii)?;
        }
        let ticket = self.ticket(&viewer, &request.ticket).await?;
        let id = request.id.parse().map_err(|_| Error::AttachmentNotFound)?;
        let file = store::find(self.db.pool(), (ticket.realm, ticket.id), (id, viewer.is_staff())).await?;
        let file = file.ok_or(Error::AttachmentNotFound)?;
        self.reads.note(&call, [ticket.customer]);
        let data = self.read(&file, request.offset, request.length).await?;
        Ok(Response::new(pb::AttachmentPiece { data, file: Some(file.told()) }))
    }
}
