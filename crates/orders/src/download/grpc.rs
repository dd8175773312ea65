//! The RPCs of downloads: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db,
    clock::{Clock, timestamp},
    ids::{CustomerId, LibraryItemId, ProductId},
    page::{self, Pager},
    permission::Permission,
    reads::Reads,
    secret::Secrets,
};
use proto::{
    catalog::v1::ProductDescription,
    orders::v1::{self as pb, download_service_server::DownloadService},
};
use tonic::{Request, Response, Status};

use super::{
    Download, link, list,
    make::{Terms, choose, make},
    open::{self, File},
    patterns::{Wanted, patterns},
    store,
};
use crate::{
    error::Error,
    library::{
        Item,
        access::Access,
        goods::Goods,
        library::State,
        store as libraries,
        view::items,
        whose::{People, Record, Seen},
    },
};

/// Answers [`DownloadService`].
#[derive(Clone)]
pub struct Downloads {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Makes cursors.
    pub pager: Pager,
    /// Signs links.
    pub secrets: Secrets,
    /// Address of the house.
    pub public: String,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
    /// Who is who.
    pub people: People,
    /// The catalog.
    pub goods: Goods,
    /// Who has access to everything.
    pub access: Access,
}

impl Downloads {
    /// The item `id` of one of these records, which can be used: their own, or one that they have with everything.
    async fn item(&self, call: &Call, seen: &Seen, id: &str) -> Result<(Record, Item), Error> {
        let id: LibraryItemId = id.parse().map_err(|_| Error::ItemNotFound)?;
        let product = ProductId::from_uuid(id.uuid());
        let mut others = Vec::new();
        for record in &seen.records {
            let entries = libraries::of_customer(self.db.pool(), record.realm, record.customer).await?;
            let found = items(record, &entries).into_iter().find(|item| item.product == product);
            match found {
                Some(item) if item.state(self.clock.now()) == State::Active => return Ok((*record, item)),
                found => others.push((record, found)),
            }
        }
        for (record, known) in others {
            if let Some(item) = self.access.item(call, (record, product), known).await? {
                return Ok((*record, item));
            }
        }
        Err(Error::ItemNotFound)
    }

    /// What `download` leads to: what its customer has, by itself or with everything.
    async fn had(&self, call: &Call, download: &Download) -> Result<Item, Error> {
        let item = open::item(self.db.pool(), download, self.clock.now()).await?;
        if item.as_ref().is_some_and(|item| item.state(self.clock.now()) == State::Active) {
            return item.ok_or(Error::LinkDead);
        }
        let record = Record { realm: download.realm, customer: download.customer, store: Some(download.store) };
        self.access.item(call, (&record, download.product), item).await?.ok_or(Error::LinkDead)
    }

    /// What the catalog says of a product.
    async fn known(&self, call: &Call, download: (kit::ids::StoreId, ProductId)) -> Result<ProductDescription, Error> {
        let mut known = self.goods.describe(Some(call), [download]).await?;
        known.remove(&download.1).ok_or(Error::FileNotFound)
    }

    /// The link that `request` names, by its signature.
    async fn download(&self, request: &pb::OpenDownloadRequest) -> Result<Download, Error> {
        let id = request.id.parse().map_err(|_| Error::DownloadNotFound)?;
        if !link::is_good(&self.secrets, id, (request.expires, &request.signature)) {
            return Err(Error::DownloadNotFound);
        }
        if request.expires <= self.clock.now().timestamp() {
            return Err(Error::LinkExpired);
        }
        store::find(self.db.pool(), id).await?.ok_or(Error::LinkDead)
    }
}

#[tonic::async_trait]
impl DownloadService for Downloads {
    async fn make_download(&self, request: Request<pb::MakeDownloadRequest>) -> Result<Response<pb::Download>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let seen = if actor.is_staff() {
            actor.require(Permission::LibraryWrite)?;
            self.people.seen(&call, &request.customer).await?
        } else {
            let seen = self.people.seen(&call, &request.customer).await?;
            actor.require_self()?;
            seen
        };
        let terms = Terms::parse(&request, seen.staff)?;
        let (record, item) = self.item(&call, &seen, &request.item).await?;
        let known = self.known(&call, (item.store, item.product)).await?;
        let file = choose(&known, &request.file)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let made = make(&mut tx, &call, (&record, &item), (&file, terms), self.clock.now()).await?;
        let answer = pb::Download {
            id: made.id.into(),
            url: link::write(&self.secrets, &self.public, made.id, made.expires_at),
            file: Some(file),
            most_uses: u32::try_from(made.most_uses).unwrap_or_default(),
            expires_at: Some(timestamp(made.expires_at)),
        };
        Ok(tx.answer(answer).await?)
    }

    async fn open_download(
        &self,
        request: Request<pb::OpenDownloadRequest>,
    ) -> Result<Response<pb::OpenedDownload>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let download = self.download(&request).await?;
        let item = self.had(&call, &download).await?;
        let opened = open::file(&self.goods, &call, &download).await?;
        let size = opened.file.as_ref().map_or(0, |file| file.size);
        let length = request.length.clamp(0, size);
        if length == 0 {
            return Ok(Response::new(pb::OpenedDownload { file: opened.file, pass: String::new() }));
        }
        // The catalog is asked outside of the transaction, and only where nothing was decided for the customer.
        let limit = match item.terms.downloads {
            Some(limit) => limit,
            None => self.known(&call, (download.store, download.product)).await?.download_limit,
        };
        let mut tx = self.db.begin_own().await?;
        let file = File { size, limit, access: item.access };
        open::count(&mut tx, download.id, call.client(), (length, file), self.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::OpenedDownload { file: opened.file, pass: opened.pass }))
    }

    async fn list_downloads(
        &self,
        request: Request<pb::ListDownloadsRequest>,
    ) -> Result<Response<pb::ListDownloadsResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let seen = self.people.seen(&call, &request.customer).await?;
        self.reads.note(&call, seen.records.iter().map(|record| record.customer));
        let clear = !seen.staff || call.actor()?.sees_pii();
        let context = format!("downloads {:?}", seen.records);
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let rows = list::page(self.db.pool(), &seen.records, &page).await?;
        let (rows, mut place) = self.pager.finish(&page, rows, &context, list::Row::key);
        if page.total {
            place.total = page::total(list::count(self.db.pool(), &seen.records).await?);
        }
        let downloads = rows.into_iter().map(|row| row.encode(clear)).collect();
        Ok(Response::new(pb::ListDownloadsResponse { downloads, page: Some(place) }))
    }

    async fn list_download_patterns(
        &self,
        request: Request<pb::ListDownloadPatternsRequest>,
    ) -> Result<Response<pb::ListDownloadPatternsResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        actor.require(Permission::CustomersRead)?;
        let realm = actor.realm().map_err(Error::from)?;
        let product = match request.product.as_str() {
            "" => None,
            id => Some(id.parse::<ProductId>().map_err(|_| Error::ProductNotFound)?),
        };
        if let (Some(store), Some(product)) = (actor.store, product)
            && self.goods.describe(Some(&call), [(store, product)]).await?.is_empty()
        {
            return Err(Error::ProductNotFound.into());
        }
        let customer: Option<CustomerId> = match request.customer.as_str() {
            "" => None,
            id => Some(self.people.customer(&call, id).await?.customer),
        };
        let store = actor.store.filter(|store| store.uuid() != realm.uuid());
        let wanted = Wanted { realm, store, customer, product };
        self.reads.note(&call, customer);
        let patterns = patterns(self.db.pool(), wanted, (actor.sees_pii(), self.clock.now())).await?;
        Ok(Response::new(pb::ListDownloadPatternsResponse { patterns }))
    }
}
