//! The RPCs of exports: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use files::Files;
use kit::{
    Call, Db,
    audit::{self, Entry},
    clock::Clock,
    ids::ExportId,
    permission::Permission,
    secret::Secrets,
};
use proto::customers::v1::{self as pb, export_service_server::ExportService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    export::{Export, Kind},
    link,
    lists::Lists,
    request::{RequestExport, request_export, wanted},
    store,
};
use crate::{Error, customer::Scope, segment};

/// Bytes of a piece.
const PIECE: i64 = 256 * 1024;

/// The server of export RPCs.
pub struct Exports {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) files: Files,
    pub(crate) lists: Lists,
    /// Tells whoever writes them of a new one.
    pub(crate) asked: Arc<Notify>,
}

/// Passes for whoever may take lists away.
fn authorise(call: &Call) -> Result<(), Error> {
    Ok(call.actor()?.require(Permission::ExportsCreate)?)
}

impl Exports {
    /// What `request` asks for, as far as whoever sends it may have it.
    async fn input(&self, call: &Call, request: &pb::RequestExportRequest) -> Result<RequestExport, Error> {
        let (actor, now) = (call.actor()?, self.clock.now());
        let kind = Kind::named(&request.r#type);
        actor.require(kind.unwrap_or(Kind::Customers).permission())?;
        let Some(owner) = kind.and_then(Kind::owner) else {
            let saved = segment::named(self.db.pool(), Scope::of(actor)?, wanted(request).as_ref()).await?;
            return RequestExport::parse(request, call, &saved, now);
        };
        let input = RequestExport::elsewhere(request, call, now)?;
        let columns = self.lists.check(call, (owner, input.rows())).await?;
        Ok(input.with(columns))
    }

    fn told(&self, export: Export) -> pb::Export {
        export.told(&self.secrets, self.clock.now())
    }

    /// The file that a link is good for.
    async fn linked(&self, request: &pb::ReadExportRequest) -> Result<Export, Error> {
        let id: ExportId = request.id.parse().map_err(|_| Error::ExportNotFound)?;
        if !link::is_good(&self.secrets, id, request.expires, &request.signature) {
            return Err(Error::ExportNotFound);
        }
        let now = self.clock.now();
        let (export, outlived) = store::linked(self.db.pool(), id).await?.ok_or(Error::ExportNotFound)?;
        let over = now.timestamp() >= request.expires || outlived || !export.is_readable(now);
        if over { Err(Error::LinkExpired) } else { Ok(export) }
    }

    /// Notes that somebody begins to fetch the file (AD-1): whoever has the link, from this address.
    async fn note(&self, call: &Call, export: &Export) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        let entry = Entry::new("export.fetched", ("export", export.id), self.clock.now());
        audit::record(&mut tx, call, entry.within(export.realm, export.store))?;
        Ok(tx.commit().await?)
    }
}

#[tonic::async_trait]
impl ExportService for Exports {
    async fn request_export(&self, request: Request<pb::RequestExportRequest>) -> Result<Response<pb::Export>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let input = self.input(&call, &request.into_inner()).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let export = request_export(&mut tx, &call, input).await?;
        let answer = tx.answer(self.told(export)).await?;
        self.asked.notify_one();
        Ok(answer)
    }

    async fn get_export(&self, request: Request<pb::GetExportRequest>) -> Result<Response<pb::Export>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let actor = call.actor()?;
        let id = request.get_ref().id.parse().map_err(|_| Error::ExportNotFound)?;
        let export = store::find(self.db.pool(), actor.realm()?, id).await?;
        let export = export.filter(|export| export.is_shown_to(actor)).ok_or(Error::ExportNotFound)?;
        Ok(Response::new(self.told(export)))
    }

    async fn list_exports(
        &self,
        request: Request<pb::ListExportsRequest>,
    ) -> Result<Response<pb::ListExportsResponse>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let actor = call.actor()?;
        let exports = store::of_creator(self.db.pool(), actor.realm()?, &actor.subject).await?;
        let exports = exports.into_iter().filter(|export| export.is_shown_to(actor));
        Ok(Response::new(pb::ListExportsResponse { exports: exports.map(|export| self.told(export)).collect() }))
    }

    async fn read_export(&self, request: Request<pb::ReadExportRequest>) -> Result<Response<pb::ExportPiece>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require_system()?;
        let export = self.linked(request.get_ref()).await?;
        if request.get_ref().offset == 0 {
            self.note(&call, &export).await?;
        }
        let offset = request.get_ref().offset.clamp(0, export.size);
        let length = PIECE.min(export.size - offset);
        let data = match (u64::try_from(offset), u64::try_from(length)) {
            (Ok(offset), Ok(length @ 1..)) => {
                let piece = self.files.read(&export.file, offset, length).await.map_err(Error::from)?;
                piece.ok_or(Error::LinkExpired)?
            }
            _ => bytes::Bytes::new(),
        };
        let (size, name) = (export.size, export.name());
        let media_type = export.format.media_type().to_owned();
        Ok(Response::new(pb::ExportPiece { data, size, media_type, name }))
    }
}
