//! The RPCs of libraries: authorise, parse, open tx, call, encode.
use kit::{Call, Db, Tx, clock::Clock, permission::Permission, reads::Reads};
use proto::orders::v1::{self as pb, library_service_server::LibraryService};
use tonic::{Request, Response, Status};

use super::{
    Item,
    access::Access,
    begin_rebuild::{begin_rebuild, find},
    edit::{Edit, edit},
    goods::Goods,
    grant::{Deed, Grant, grant},
    rebuild::{Which, look_up, rebuild},
    revoke::{reason, revoke},
    store,
    view::{self, Sight, items, pick},
    whose::{People, Record},
};
use crate::error::Error;

/// Answers [`LibraryService`].
#[derive(Clone)]
pub struct Libraries {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
    /// Who is who.
    pub people: People,
    /// The catalog.
    pub goods: Goods,
    /// Who has access to everything.
    pub access: Access,
}

impl Libraries {
    /// Whose library the sender of `call` is to change, and how that is told.
    async fn desk<'a>(&self, call: &'a Call, customer: &str) -> Result<(Record, Deed<'a>), Error> {
        call.actor()?.require(Permission::LibraryWrite)?;
        let record = self.people.customer(call, customer).await?;
        let deed = Deed { realm: record.realm, customer: record.customer, call, now: self.clock.now() };
        Ok((record, deed))
    }

    /// The item `id`, held.
    async fn hold(&self, tx: &mut Tx, record: &Record, id: &str) -> Result<Item, Error> {
        store::hold(tx, record.customer).await?;
        let entries = store::of_customer(&mut **tx, record.realm, record.customer).await?;
        pick(items(record, &entries), id).ok_or(Error::ItemNotFound)
    }

    /// Answers the item as it is now.
    async fn answer(
        &self,
        mut tx: Tx,
        (call, record): (&Call, &Record),
        id: &str,
    ) -> Result<Response<pb::LibraryItem>, Error> {
        let entries = store::of_customer(&mut *tx, record.realm, record.customer).await?;
        let item = pick(items(record, &entries), id).ok_or(Error::ItemNotFound)?;
        let sight = Sight { staff: true, clear: call.actor()?.sees_pii() };
        let unasked = (&std::collections::HashMap::new(), &std::collections::HashMap::new());
        let shown = view::show((record, item), unasked, sight, self.clock.now());
        Ok(tx.answer(shown).await?)
    }
}

#[tonic::async_trait]
impl LibraryService for Libraries {
    async fn list_library(
        &self,
        request: Request<pb::ListLibraryRequest>,
    ) -> Result<Response<pb::ListLibraryResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let seen = self.people.seen(&call, &request.customer).await?;
        self.reads.note(&call, seen.records.iter().map(|record| record.customer));
        let clear = !seen.staff || call.actor()?.sees_pii();
        let ways = (&self.goods, &self.access, &call);
        let items = view::list((&seen, clear), &self.db, ways, self.clock.now()).await?;
        Ok(Response::new(pb::ListLibraryResponse { items }))
    }

    async fn grant_library_item(
        &self,
        request: Request<pb::GrantLibraryItemRequest>,
    ) -> Result<Response<pb::LibraryItem>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let (record, deed) = self.desk(&call, &request.customer).await?;
        let seller = call.actor()?.store()?;
        let new = Grant::parse(&request, deed.now)?;
        let known = self.goods.describe(Some(&call), [(seller, new.product)]).await?;
        let known = known.get(&new.product).ok_or(Error::ProductNotFound)?;
        let id = kit::ids::LibraryItemId::from_uuid(new.product.uuid()).to_string();
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        grant(&mut tx, &deed, new, known).await?;
        Ok(self.answer(tx, (&call, &record), &id).await?)
    }

    async fn edit_library_item(
        &self,
        request: Request<pb::EditLibraryItemRequest>,
    ) -> Result<Response<pb::LibraryItem>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let (record, deed) = self.desk(&call, &request.customer).await?;
        let changes = Edit::parse(&request, deed.now)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let item = self.hold(&mut tx, &record, &request.item).await?;
        edit(&mut tx, &deed, &item, changes).await?;
        Ok(self.answer(tx, (&call, &record), &request.item).await?)
    }

    async fn revoke_library_item(
        &self,
        request: Request<pb::RevokeLibraryItemRequest>,
    ) -> Result<Response<pb::LibraryItem>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let (record, deed) = self.desk(&call, &request.customer).await?;
        let reason = reason(&request.reason)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let item = self.hold(&mut tx, &record, &request.item).await?;
        revoke(&mut tx, &deed, &item, reason).await?;
        Ok(self.answer(tx, (&call, &record), &request.item).await?)
    }

    async fn rebuild_library(
        &self,
        request: Request<pb::RebuildLibraryRequest>,
    ) -> Result<Response<pb::RebuildLibraryResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let (record, deed) = self.desk(&call, &request.customer).await?;
        let which = Which { realm: record.realm, customer: record.customer, store: record.store };
        let inside = look_up(&self.db, &self.goods, which).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let repaired = rebuild(&mut tx, which, &inside, &self.clock).await?;
        deed.record_rebuild(&mut tx, repaired)?;
        let answer = pb::RebuildLibraryResponse { restored: repaired.restored, corrected: repaired.corrected };
        Ok(tx.answer(answer).await?)
    }

    async fn begin_rebuild(&self, request: Request<pb::BeginRebuildRequest>) -> Result<Response<pb::Rebuild>, Status> {
        let call = Call::of(&request)?;
        call.actor()?.require(Permission::LibraryWrite)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let begun = begin_rebuild(&mut tx, &call, &self.clock).await?;
        Ok(tx.answer(begun.encode()).await?)
    }

    async fn get_rebuild(&self, request: Request<pb::GetRebuildRequest>) -> Result<Response<pb::Rebuild>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let id = request.into_inner().id.parse().map_err(|_| Error::RebuildNotFound)?;
        let found = find(self.db.pool(), (actor.realm().map_err(Error::from)?, actor.store), id).await?;
        Ok(Response::new(found.ok_or(Error::RebuildNotFound)?.encode()))
    }
}
