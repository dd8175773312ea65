//! The product RPCs: authorise, parse, call, encode.
use kit::{
    Call, Db, Error as KitError,
    actor::Actor,
    clock::Clock,
    failure::Violation,
    ids::{ProductId, StoreId},
    money,
    page::{self, Pager},
    permission::Permission,
    stores::Stores,
};
use proto::catalog::v1::{self as pb, product_service_server::ProductService};
use tonic::{Request, Response, Status};

use super::{
    browse,
    create::{CreateProduct, Seller, create_product},
    delete::{DeleteProduct, delete_product},
    filter,
    import::{Table, import_products},
    list::{Order, Query},
    product::Product,
    store,
    update::{UpdateProduct, update_product},
};
use crate::Error;

/// Most products that can be fetched at once.
const BATCH: usize = 200;

/// The server of product RPCs.
pub struct Products {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) stores: Stores,
}

impl Products {
    /// The stores whose products `actor` may see: the chosen one, else all of the network.
    async fn stores_of(&self, actor: &Actor) -> Result<Vec<StoreId>, Error> {
        match (actor.store, &actor.network) {
            (Some(store), _) => Ok(vec![store]),
            (None, Some(network)) => Ok(self.stores.members(network).await?.to_vec()),
            (None, None) => Ok(vec![actor.store()?]),
        }
    }

    /// The products among `ids` that `actor` may see.
    async fn visible(&self, actor: &Actor, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
        if actor.is_system() {
            return store::find(self.db.pool(), None, ids).await;
        }
        let mut products = store::find(self.db.pool(), Some(&self.stores_of(actor).await?), ids).await?;
        products.retain(|product| product.details.active || sees_inactive(actor));
        Ok(products)
    }

    /// The products among `ids` that `actor` may see, for services with the versions of their sellers' tariffs (CA-11).
    async fn versioned(&self, actor: &Actor, ids: &[ProductId]) -> Result<Vec<(Product, i64)>, Error> {
        if ids.is_empty() {
            Ok(Vec::new())
        } else if actor.is_system() {
            store::find_with_tariffs(self.db.pool(), ids).await
        } else {
            Ok(self.visible(actor, ids).await?.into_iter().map(|product| (product, 0)).collect())
        }
    }

    /// The products with these SKUs in the caller's store, or in the one that a service names.
    async fn with_skus(&self, actor: &Actor, request: &pb::BatchGetProductsRequest) -> Result<Vec<Product>, Error> {
        let named = || request.store.parse().map_err(|_| Violation::new("/store", "malformed", "this is no store"));
        let store = if actor.is_system() { named()? } else { actor.store()? };
        let mut products = store::find_skus(self.db.pool(), store, &request.skus).await?;
        products.retain(|product| product.details.active || actor.is_system() || sees_inactive(actor));
        Ok(products)
    }

    async fn seller(&self, actor: &Actor) -> Result<Seller, Error> {
        actor.require(Permission::CatalogWrite)?;
        let store = actor.store()?;
        let currency = &self.stores.get(store).await?.currency;
        let currency = money::currency(currency).map_err(|e| KitError::Internal(e.to_string()))?;
        Ok(Seller { store, realm: actor.realm()?, currency })
    }

    async fn query(&self, actor: &Actor, text: &str, sort: &str) -> Result<Query, Error> {
        Ok(Query {
            stores: self.stores_of(actor).await?,
            text: Query::text(text)?,
            tests: Vec::new(),
            active_only: !sees_inactive(actor),
            order: Order::parse(sort)?,
        })
    }
}

/// Shop fronts and customers see what can be bought.
fn sees_inactive(actor: &Actor) -> bool {
    actor.require(Permission::CatalogRead).is_ok()
}

/// A product as `actor` sees it.
fn shown(actor: &Actor, product: Product) -> pb::Product {
    if actor.is_system() || sees_inactive(actor) { product.into() } else { product.on_display() }
}

/// Staff need the permission; a shop front's key and its customers are enough by themselves.
fn require_read(actor: &Actor) -> Result<(), Error> {
    if actor.is_staff() { Ok(actor.require(Permission::CatalogRead)?) } else { Ok(()) }
}

#[tonic::async_trait]
impl ProductService for Products {
    async fn create_product(
        &self,
        request: Request<pb::CreateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let call = Call::of(&request)?;
        let seller = self.seller(call.actor()?).await?;
        let input = CreateProduct::parse(request.into_inner(), seller, self.clock.now())?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let product = create_product(&mut tx, &call, seller.realm, input).await?;
        Ok(tx.answer(product.into()).await?)
    }

    async fn update_product(
        &self,
        request: Request<pb::UpdateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let (seller, realm) = (actor.store()?, actor.realm()?);
        let changes = request.into_inner();
        let id = changes.id.parse().map_err(|_| Error::ProductNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let input = UpdateProduct { id, seller, realm, changes, now: self.clock.now() };
        let product = update_product(&mut tx, &call, input).await?;
        Ok(tx.answer(product.into()).await?)
    }

    async fn delete_product(
        &self,
        request: Request<pb::DeleteProductRequest>,
    ) -> Result<Response<pb::DeleteProductResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        actor.require(Permission::CatalogWrite)?;
        let (seller, realm) = (actor.store()?, actor.realm()?);
        let id = request.into_inner().id.parse().map_err(|_| Error::ProductNotFound)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        delete_product(&mut tx, &call, DeleteProduct { id, seller, realm, now: self.clock.now() }).await?;
        Ok(tx.answer(pb::DeleteProductResponse {}).await?)
    }

    async fn import_products(
        &self,
        request: Request<pb::ImportProductsRequest>,
    ) -> Result<Response<pb::ImportProductsResponse>, Status> {
        let call = Call::of(&request)?;
        let seller = self.seller(call.actor()?).await?;
        let pb::ImportProductsRequest { table, dry_run } = request.into_inner();
        let table = Table::read(&table)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let report = import_products(&mut tx, &call, (seller, self.clock.now()), table).await?;
        if dry_run || !report.faults.is_empty() {
            tx.rollback().await?;
            return Ok(Response::new(report));
        }
        Ok(tx.answer(pb::ImportProductsResponse { applied: true, ..report }).await?)
    }

    async fn get_product(&self, request: Request<pb::GetProductRequest>) -> Result<Response<pb::Product>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        require_read(actor)?;
        let id = request.into_inner().id.parse().map_err(|_| Error::ProductNotFound)?;
        let product = self.visible(actor, &[id]).await?.pop().ok_or(Error::ProductNotFound)?;
        Ok(Response::new(shown(actor, product)))
    }

    async fn batch_get_products(
        &self,
        request: Request<pb::BatchGetProductsRequest>,
    ) -> Result<Response<pb::BatchGetProductsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        require_read(actor)?;
        let request = request.into_inner();
        if request.ids.len() + request.skus.len() > BATCH {
            return Err(Violation::new("/ids", "too_many", "at most 200 products at once").into());
        }
        let ids: Vec<ProductId> = request.ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut products = self.versioned(actor, &ids).await?;
        if !request.skus.is_empty() {
            products.extend(self.with_skus(actor, &request).await?.into_iter().map(|product| (product, 0)));
        }
        let versioned = |(product, tariff_version)| pb::Product { tariff_version, ..shown(actor, product) };
        let products = products.into_iter().map(versioned).collect();
        Ok(Response::new(pb::BatchGetProductsResponse { products }))
    }

    async fn list_products(
        &self,
        request: Request<pb::ListProductsRequest>,
    ) -> Result<Response<pb::ListProductsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        require_read(actor)?;
        let request = request.into_inner();
        let ([] | [_]) = request.sort.as_slice() else {
            return Err(Violation::new("/sort", "too_many", "sort by one field").into());
        };
        let sort = request.sort.first().map(String::as_str).unwrap_or_default();
        let tests = filter::parse(request.filter.as_ref())?;
        let query = Query { tests, ..self.query(actor, &request.query, sort).await? };
        let context = query.context();
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let rows = store::page(self.db.pool(), &query, &page).await?;
        let (rows, mut place) = self.pager.finish(&page, rows, &context, |product| query.order.key(product));
        if page.total {
            place.total = page::total(store::count(self.db.pool(), &query).await?);
        }
        let products = rows.into_iter().map(|product| shown(actor, product)).collect();
        Ok(Response::new(pb::ListProductsResponse { products, page: Some(place) }))
    }

    async fn browse_products(
        &self,
        request: Request<pb::BrowseProductsRequest>,
    ) -> Result<Response<pb::BrowseProductsResponse>, Status> {
        let call = Call::of(&request)?;
        let actor = call.actor()?;
        require_read(actor)?;
        let request = request.into_inner();
        let (limit, offset) = browse::slice(&request)?;
        let query = Query { active_only: true, ..self.query(actor, &request.query, &request.sort).await? };
        let products = store::slice(self.db.pool(), &query, limit, offset).await?;
        let products = products.into_iter().map(Product::on_display).collect();
        Ok(Response::new(pb::BrowseProductsResponse { products }))
    }
}
