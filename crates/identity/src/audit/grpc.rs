//! The RPCs of the audit: authorise, parse, call, encode.
use kit::{
    Call, Db,
    actor::Actor,
    clock::{Clock, timestamp},
    failure::Violation,
    page::{self, Pager},
    permission::Permission,
    reads::Reads,
    signature::Signatory,
    transport::Transport,
};
use proto::{
    customers::v1::sealing_service_client::SealingServiceClient,
    identity::v1::{self as pb, audit_service_server::AuditService},
};
use tonic::{Request, Response, Status};

use super::{
    Entry,
    access::{Within, review},
    chain::{Breach, Place},
    checkpoint::{self, Checkpoint},
    list::ListEntries,
    show::{Names, Opened, show, staff},
    store,
    verify::{STRETCH, Verdict, verify_stretch},
};
use crate::Error;

/// The server of the RPCs of the audit.
pub struct Audit {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) signatory: Signatory,
    pub(crate) sealing: SealingServiceClient<Transport>,
    pub(crate) reads: Reads,
}

impl Audit {
    /// Entries as the caller may see them.
    async fn shown(&self, call: &Call, entries: Vec<Entry>) -> Result<Vec<pb::Entry>, Error> {
        let opened = if call.actor()?.sees_pii() {
            let opened = Opened::of(&entries, &mut self.sealing.clone(), call).await?;
            self.reads.note(call, opened.owners());
            Some(opened)
        } else {
            None
        };
        let names: Names = store::names(self.db.pool(), &staff(&entries)).await?.into_iter().collect();
        Ok(entries.into_iter().map(|entry| show(entry, opened.as_ref(), &names)).collect())
    }

    async fn listed(&self, call: &Call, request: pb::ListEntriesRequest) -> Result<pb::ListEntriesResponse, Error> {
        let list = ListEntries::parse(request, call.actor()?, &self.pager)?;
        let rows = store::list(self.db.pool(), &list.filter, &list.page, list.from).await?;
        let (rows, mut page) = list.finish(&self.pager, rows);
        if list.page.total {
            page.total = page::total(store::count(self.db.pool(), &list.filter).await?);
        }
        Ok(pb::ListEntriesResponse { entries: self.shown(call, rows).await?, page: Some(page) })
    }

    async fn verified(
        &self,
        actor: &Actor,
        request: &pb::VerifyChainRequest,
    ) -> Result<pb::VerifyChainResponse, Error> {
        let realm = actor.realm()?;
        let context = format!("verify {realm}");
        let from = match request.after.as_str() {
            "" => Place::START,
            after => reached(&self.pager.open(after, "/after", &context)?)?,
        };
        let limit = match request.limit {
            0 => STRETCH,
            limit if limit <= STRETCH => limit,
            _ => return Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 100000").into()),
        };
        let chain = (realm, &self.signatory);
        let Verdict { reached, length, breach } =
            verify_stretch(&self.db, chain, (from, limit), noted(request)?).await?;
        let going_on = breach.is_none() && reached.number < length;
        let key = [reached.number.to_string(), hex::encode(reached.hash)];
        let checkpoint = checkpoint::newest(&self.db, realm, &self.signatory).await?;
        Ok(pb::VerifyChainResponse {
            sound: breach.is_none(),
            verified: reached.number,
            length,
            next: if going_on { self.pager.seal(&key, &context) } else { String::new() },
            breach: breach.map(told),
            checkpoint: checkpoint.map(|checkpoint| self.stated(checkpoint)),
        })
    }

    fn stated(&self, checkpoint: Checkpoint) -> pb::Checkpoint {
        pb::Checkpoint {
            realm: checkpoint.realm_id.into(),
            number: checkpoint.number,
            hash: hex::encode(&checkpoint.hash),
            at: Some(timestamp(checkpoint.at)),
            public_key: self.signatory.public(&checkpoint.key).map(hex::encode).unwrap_or_default(),
            signature: hex::encode(&checkpoint.signature),
            statement: checkpoint.statement(),
            key: checkpoint.key,
        }
    }
}

fn told(breach: Breach) -> pb::Breach {
    pb::Breach {
        number: breach.number,
        entry: breach.entry.map(String::from).unwrap_or_default(),
        problem: breach.problem.slug().to_owned(),
    }
}

/// The place of a sealed cursor.
fn reached(key: &[String]) -> Result<Place, Error> {
    let read = |key: &[String]| {
        let [number, hash] = key else { return None };
        Some(Place { number: number.parse().ok()?, hash: hex::decode(hash).ok()?.try_into().ok()? })
    };
    Ok(read(key).ok_or_else(|| kit::Error::Internal("a sealed cursor cannot be read".to_owned()))?)
}

/// The place that the caller has written down, if they name one.
fn noted(request: &pb::VerifyChainRequest) -> Result<Option<Place>, Violation> {
    let malformed = |pointer, detail| Violation::new(pointer, "malformed", detail);
    match (request.number, request.hash.as_str()) {
        (0, "") => Ok(None),
        (1.., hash) => {
            let hash = hex::decode(hash).ok().and_then(|hash| hash.try_into().ok());
            let hash = hash.ok_or_else(|| malformed("/hash", "give the 64 hexadecimal digits of the entry's hash"))?;
            Ok(Some(Place { number: request.number, hash }))
        }
        _ => Err(malformed("/number", "give the number of an entry with its hash")),
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Result<Response<pb::ListEntriesResponse>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::AuditRead)?;
        Ok(Response::new(self.listed(&call, request.into_inner()).await?))
    }

    async fn verify_chain(
        &self,
        request: Request<pb::VerifyChainRequest>,
    ) -> Result<Response<pb::VerifyChainResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::AuditRead)?;
        Ok(Response::new(self.verified(actor, request.get_ref()).await?))
    }

    async fn review_access(
        &self,
        request: Request<pb::ReviewAccessRequest>,
    ) -> Result<Response<pb::ReviewAccessResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::AuditRead)?;
        let access = review(&self.db, Within::of(actor)?, self.clock.now()).await?;
        Ok(Response::new(pb::ReviewAccessResponse { access }))
    }
}
