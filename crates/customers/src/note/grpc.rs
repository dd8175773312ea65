//! The RPCs of notes: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db, actor::Actor, clock::Clock, ids::CustomerId, page::Pager, permission::Permission, personal::redact,
    reads::Reads, transport::Transport,
};
use proto::{
    customers::v1::{self as pb, note_service_server::NoteService},
    identity::v1::{GetCurrentStaffRequest, staff_service_client::StaffServiceClient},
};
use tonic::{Request, Response, Status};

use super::{
    Note,
    add::{AddNote, add_note},
    edit::{EditNote, edit_note},
    store,
};
use crate::{
    Error,
    customer::{Scope, store as customers},
    key::Keys,
};

/// The server of note RPCs.
pub struct Notes {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
    pub(crate) staff: StaffServiceClient<Transport>,
}

/// As `actor` may see it (ID-23).
fn show(actor: &Actor, note: Note) -> pb::Note {
    if actor.sees_pii() { note.told() } else { redact(note.told()) }
}

impl Notes {
    /// Who calls, with their name. A note does not wait for a name that cannot be had.
    async fn author(&self, call: &Call) -> Result<(String, String), Error> {
        let actor = call.actor()?;
        let id = actor.subject.clone();
        if actor.staff().is_none() {
            return Ok((id, String::new()));
        }
        let staff = self.staff.clone().get_current_staff(call.forward(GetCurrentStaffRequest {})).await;
        Ok((id, staff.map(|staff| staff.into_inner().name).unwrap_or_default()))
    }

    async fn listed(&self, call: &Call, request: &pb::ListNotesRequest) -> Result<pb::ListNotesResponse, Error> {
        let actor = call.actor()?;
        let scope = Scope::of(actor)?;
        let customer: CustomerId = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let context = format!("notes {} {customer}", scope.realm);
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let customer = customers::known_as(self.db.pool(), scope, customer).await?.ok_or(Error::CustomerNotFound)?;
        let notes = store::page(self.db.pool(), (scope.realm, customer), &page).await?;
        let (notes, place) = self.pager.finish(&page, notes, &context, |note| vec![note.id.to_string()]);
        self.reads.note(call, [customer]);
        let notes = notes.into_iter().map(|note| show(actor, note)).collect();
        Ok(pb::ListNotesResponse { notes, page: Some(place) })
    }
}

#[tonic::async_trait]
impl NoteService for Notes {
    async fn add_note(&self, request: Request<pb::AddNoteRequest>) -> Result<Response<pb::Note>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let (scope, author) = (Scope::of(actor)?, self.author(&call).await?);
        let input = AddNote::parse(request.get_ref(), scope, author, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let note = add_note(&mut tx, (&call, &self.keys), input).await?;
        Ok(tx.answer(show(actor, note)).await?)
    }

    async fn edit_note(&self, request: Request<pb::EditNoteRequest>) -> Result<Response<pb::Note>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersWrite)?;
        let input = EditNote::parse(request.get_ref(), Scope::of(actor)?, &actor.subject, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let note = edit_note(&mut tx, (&call, &self.keys), input).await?;
        Ok(tx.answer(show(actor, note)).await?)
    }

    async fn list_notes(
        &self,
        request: Request<pb::ListNotesRequest>,
    ) -> Result<Response<pb::ListNotesResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::CustomersRead)?;
        Ok(Response::new(self.listed(&call, request.get_ref()).await?))
    }
}
