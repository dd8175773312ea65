//! The RPCs of imports: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use files::Files;
use kit::{Call, Db, Tx, actor::Actor, clock::Clock, page::Pager, permission::Permission};
use proto::customers::v1::{self as pb, import_service_server::ImportService};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    Import,
    begin::{check_import, start_import},
    cancel::cancel_import,
    change::{ChangeImport, change_import},
    fault::sentence,
    report, store,
    store::KeptFault,
    table,
    upload::{Upload, upload_import},
};
use crate::{Error, shops::Shops};

/// Bytes in which the first rows are.
const FRONT: i64 = 64 * 1024;

/// The server of import RPCs.
pub struct Imports {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) files: Files,
    pub(crate) shops: Shops,
    /// Tells whoever works on them of a new one.
    pub(crate) asked: Arc<Notify>,
}

/// The caller, who may make and see people.
fn authorise(call: &Call) -> Result<&Actor, Error> {
    let actor = call.actor()?;
    actor.require(Permission::CustomersWrite)?;
    actor.require(Permission::CustomersPii)?;
    Ok(actor)
}

/// The import `id`, locked until the transaction ends, if `actor` may see it.
pub(super) async fn locked(tx: &mut Tx, actor: &Actor, id: &str) -> Result<Import, Error> {
    let id = id.parse().map_err(|_| Error::ImportNotFound)?;
    let import = store::lock(tx, actor.realm()?, id).await?;
    import.filter(|import| import.is_shown_to(actor)).ok_or(Error::ImportNotFound)
}

impl Imports {
    async fn find(&self, actor: &Actor, id: &str) -> Result<Import, Error> {
        let id = id.parse().map_err(|_| Error::ImportNotFound)?;
        let import = store::find(self.db.pool(), actor.realm()?, id).await?;
        import.filter(|import| import.is_shown_to(actor)).ok_or(Error::ImportNotFound)
    }

    /// The first rows, as long as there is the file.
    async fn sample(&self, import: &Import) -> Result<Vec<Vec<String>>, Error> {
        let length = FRONT.min(import.size - import.first_byte);
        let (Ok(offset), Ok(length @ 1..)) = (u64::try_from(import.first_byte), u64::try_from(length)) else {
            return Ok(Vec::new());
        };
        let Some(front) = self.files.read(&import.place(), offset, length).await? else { return Ok(Vec::new()) };
        let whole = import.size - import.first_byte <= FRONT;
        Ok(table::sample(&String::from_utf8_lossy(&front), import.delimiter(), whole))
    }

    async fn faults(
        &self,
        actor: &Actor,
        request: &pb::ListImportFaultsRequest,
    ) -> Result<pb::ListImportFaultsResponse, Error> {
        let import = self.find(actor, &request.id).await?;
        let context = format!("faults {} {}", import.realm, import.id);
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let from = page.cursor.as_ref().and_then(|cursor| match cursor.key.as_slice() {
            [line, place, code] => Some((line.parse().ok()?, place.parse().ok()?, code.clone())),
            _ => None,
        });
        let faults = store::faults(self.db.pool(), &import, (from, page.is_forward()), page.fetch()).await?;
        let key = |fault: &KeptFault| vec![fault.line.to_string(), fault.place.to_string(), fault.code.clone()];
        let (faults, place) = self.pager.finish(&page, faults, &context, key);
        let told = faults.into_iter().map(|fault| pb::ImportFault {
            line: fault.line,
            column: import.column(fault.place),
            detail: sentence(&fault.code).to_owned(),
            code: fault.code,
            refuses: fault.refuses,
        });
        Ok(pb::ListImportFaultsResponse { faults: told.collect(), page: Some(place) })
    }
}

#[tonic::async_trait]
impl ImportService for Imports {
    async fn upload_import(&self, request: Request<pb::UploadImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        let actor = authorise(&call)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let shop = self.shops.find(actor.realm().map_err(Error::from)?, actor.store).await?;
        let country = shop.map(|shop| shop.country.clone()).unwrap_or_default();
        let now = self.clock.now();
        let upload = Upload::parse(request.into_inner().file, &self.files).await?;
        let kept = upload.keep((&self.db, &self.files), actor, (country, now)).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (import, sample) = upload_import(&mut tx, &call, kept).await?;
        Ok(tx.answer(import.told(sample)).await?)
    }

    async fn get_import(&self, request: Request<pb::GetImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        let import = self.find(authorise(&call)?, &request.get_ref().id).await?;
        let sample = self.sample(&import).await?;
        Ok(Response::new(import.told(sample)))
    }

    async fn list_imports(
        &self,
        request: Request<pb::ListImportsRequest>,
    ) -> Result<Response<pb::ListImportsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = authorise(&call)?;
        let realm = actor.realm().map_err(Error::from)?;
        let imports = store::of_place(self.db.pool(), (realm, actor.store)).await?;
        let imports = imports.into_iter().map(|import| import.told(Vec::new())).collect();
        Ok(Response::new(pb::ListImportsResponse { imports }))
    }

    async fn change_import(&self, request: Request<pb::ChangeImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let input = ChangeImport::parse(request.into_inner(), self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let import = change_import(&mut tx, &call, input).await?;
        Ok(tx.answer(import.told(Vec::new())).await?)
    }

    async fn check_import(&self, request: Request<pb::CheckImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let import = check_import(&mut tx, &call, &request.get_ref().id, self.clock.now()).await?;
        let answer = tx.answer(import.told(Vec::new())).await?;
        self.asked.notify_one();
        Ok(answer)
    }

    async fn start_import(&self, request: Request<pb::StartImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let import = start_import(&mut tx, &call, &request.get_ref().id, self.clock.now()).await?;
        let answer = tx.answer(import.told(Vec::new())).await?;
        self.asked.notify_one();
        Ok(answer)
    }

    async fn cancel_import(&self, request: Request<pb::CancelImportRequest>) -> Result<Response<pb::Import>, Status> {
        let call = Call::of(&request)?;
        authorise(&call)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let import = cancel_import(&mut tx, &call, &request.get_ref().id, self.clock.now()).await?;
        Ok(tx.answer(import.told(Vec::new())).await?)
    }

    async fn list_import_faults(
        &self,
        request: Request<pb::ListImportFaultsRequest>,
    ) -> Result<Response<pb::ListImportFaultsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.faults(authorise(&call)?, request.get_ref()).await?))
    }

    async fn read_import_report(
        &self,
        request: Request<pb::ReadImportReportRequest>,
    ) -> Result<Response<pb::JobReportPiece>, Status> {
        let call = Call::of(&request)?;
        let import = self.find(authorise(&call)?, &request.get_ref().id).await?;
        if !import.has_report() {
            return Err(Error::ReportNotFound.into());
        }
        Ok(Response::new(report::piece(self.db.pool(), &import, &request.get_ref().after).await?))
    }
}
