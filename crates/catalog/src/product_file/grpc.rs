//! The RPCs of files of products: authorise, parse, open tx, call, encode.
use files::Files;
use kit::{
    Call, Db, Error as Kit,
    clock::Clock,
    ids::{ProductFileId, ProductId, StoreId},
    permission::Permission,
    secret::Secrets,
};
use proto::catalog::v1::{self as pb, product_file_service_server::ProductFileService};
use tonic::{Request, Response, Status};

use super::{
    ProductFile, Role,
    add::{NewBytes, add_file},
    change::{Changes, change_file},
    describe::{self, Asked},
    pass,
    remove::remove_file,
    replace::replace_file,
    store,
    touch::Desk,
};
use crate::{Error, product::store as products};

/// Bytes of a piece.
const PIECE: i64 = 1024 * 1024;

/// The server of RPCs about files of products.
pub struct ProductFiles {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) files: Files,
    pub(crate) secrets: Secrets,
    /// Address of the house.
    pub(crate) public: String,
}

impl ProductFiles {
    /// Whoever may change what the store of the caller sells.
    fn desk<'a>(&'a self, call: &'a Call) -> Result<Desk<'a>, Error> {
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let (seller, realm) = (actor.store()?, actor.realm()?);
        Ok(Desk { seller, realm, call, public: &self.public, now: self.clock.now() })
    }

    fn open(&self, file: ProductFile) -> pb::OpenedProductFile {
        let pass = pass::write(&self.secrets, &file, self.clock.now());
        pb::OpenedProductFile { file: Some(file.told(&self.public)), pass }
    }
}

fn product(id: &str) -> Result<ProductId, Error> {
    id.parse().map_err(|_| Error::ProductNotFound)
}

fn file(id: &str) -> Result<ProductFileId, Error> {
    id.parse().map_err(|_| Error::FileNotFound)
}

#[tonic::async_trait]
impl ProductFileService for ProductFiles {
    async fn add_product_file(
        &self,
        request: Request<pb::AddProductFileRequest>,
    ) -> Result<Response<pb::ProductFile>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let desk = self.desk(&call)?;
        let id = product(&request.product)?;
        if products::find(self.db.pool(), Some(&[desk.seller]), &[id]).await?.is_empty() {
            return Err(Error::ProductNotFound.into());
        }
        let role = Role::parse(&request.role)?;
        let new = NewBytes::parse(&request.name, request.data, desk.now)?;
        new.suit(role)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let kept = new.keep(&self.db, &self.files, desk.seller).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let file = add_file(&mut tx, &desk, (id, role), kept).await?;
        Ok(tx.answer(file.told(&self.public)).await?)
    }

    async fn replace_product_file(
        &self,
        request: Request<pb::ReplaceProductFileRequest>,
    ) -> Result<Response<pb::ProductFile>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let desk = self.desk(&call)?;
        let (product, id) = (product(&request.product)?, file(&request.id)?);
        let there = store::find(self.db.pool(), desk.seller, (product, id)).await?.ok_or(Error::FileNotFound)?;
        let new = NewBytes::parse(&request.name, request.data, desk.now)?;
        new.suit(there.role)?;
        let kept = new.keep(&self.db, &self.files, desk.seller).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let file = replace_file(&mut tx, &desk, (product, id), kept).await?;
        Ok(tx.answer(file.told(&self.public)).await?)
    }

    async fn change_product_file(
        &self,
        request: Request<pb::ChangeProductFileRequest>,
    ) -> Result<Response<pb::ProductFile>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let desk = self.desk(&call)?;
        let changes = Changes::parse(request)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let file = change_file(&mut tx, &desk, changes).await?;
        Ok(tx.answer(file.told(&self.public)).await?)
    }

    async fn remove_product_file(
        &self,
        request: Request<pb::RemoveProductFileRequest>,
    ) -> Result<Response<pb::RemoveProductFileResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let desk = self.desk(&call)?;
        let which = (product(&request.product)?, file(&request.id)?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        remove_file(&mut tx, &desk, which).await?;
        Ok(tx.answer(pb::RemoveProductFileResponse {}).await?)
    }

    async fn list_product_files(
        &self,
        request: Request<pb::ListProductFilesRequest>,
    ) -> Result<Response<pb::ListProductFilesResponse>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        actor.require(Permission::CatalogRead)?;
        let (seller, id) = (actor.store()?, product(&request.product)?);
        if products::find(self.db.pool(), Some(&[seller]), &[id]).await?.is_empty() {
            return Err(Error::ProductNotFound.into());
        }
        let files = store::of_product(self.db.pool(), seller, id).await?;
        let files = files.into_iter().map(|file| file.told(&self.public)).collect();
        Ok(Response::new(pb::ListProductFilesResponse { files }))
    }

    async fn open_product_file(
        &self,
        request: Request<pb::OpenProductFileRequest>,
    ) -> Result<Response<pb::OpenedProductFile>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let actor = call.actor()?;
        let seller: StoreId = if actor.is_system() {
            request.store.parse().map_err(|_| Error::FileNotFound)?
        } else {
            actor.require(Permission::CatalogRead)?;
            actor.store()?
        };
        let which = (product(&request.product)?, file(&request.id)?);
        let file = store::find(self.db.pool(), seller, which).await?.ok_or(Error::FileNotFound)?;
        Ok(Response::new(self.open(file)))
    }

    async fn open_product_image(
        &self,
        request: Request<pb::OpenProductImageRequest>,
    ) -> Result<Response<pb::OpenedProductFile>, Status> {
        let id = file(&request.into_inner().id)?;
        let image = store::find_image(self.db.pool(), id).await?.ok_or(Error::FileNotFound)?;
        Ok(Response::new(self.open(image)))
    }

    async fn read_product_file(
        &self,
        request: Request<pb::ReadProductFileRequest>,
    ) -> Result<Response<pb::ProductFilePiece>, Status> {
        let request = request.into_inner();
        let pass = pass::read(&self.secrets, &request.pass, self.clock.now()).ok_or(Error::FileNotFound)?;
        let from = request.offset.clamp(0, pass.size);
        let length = request.length.clamp(0, PIECE).min(pass.size - from);
        if length == 0 {
            return Ok(Response::new(pb::ProductFilePiece::default()));
        }
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        let read = self.files.read(&pass.place, number(from), number(length)).await;
        let data = read.map_err(|error| Kit::Internal(error.to_string()))?.ok_or(Error::FileNotFound)?;
        Ok(Response::new(pb::ProductFilePiece { data }))
    }

    async fn describe_products(
        &self,
        request: Request<pb::DescribeProductsRequest>,
    ) -> Result<Response<pb::DescribeProductsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let asked = Asked::parse(&request.into_inner())?;
        let products = describe::describe(self.db.pool(), asked).await?;
        Ok(Response::new(pb::DescribeProductsResponse { products }))
    }

    async fn list_digital_products(
        &self,
        request: Request<pb::ListDigitalProductsRequest>,
    ) -> Result<Response<pb::ListDigitalProductsResponse>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        let page = describe::Page::parse(request.get_ref())?;
        Ok(Response::new(describe::digital(self.db.pool(), page).await?))
    }
}
