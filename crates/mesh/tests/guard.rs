//! What stands in front of every RPC: panics, deadlines, who asks, what a caller may say about itself.
use std::time::Duration;

use kit::{Call, Error, ids::CustomerId, secret::Secrets, service::Service, transport::Transport};
use proto::catalog::v1::{
    BatchGetProductsRequest, BatchGetProductsResponse, BrowseProductsRequest, BrowseProductsResponse,
    CreateProductRequest, DeleteProductRequest, DeleteProductResponse, GetProductRequest, ImportProductsRequest,
    ImportProductsResponse, ListProductsRequest, ListProductsResponse, Product, UpdateProductRequest,
    product_service_client::ProductServiceClient,
    product_service_server::{ProductService, ProductServiceServer},
};
use sqlx::migrate::Migrator;
use testing::{Rig, actors::with};
use tonic::{Code, Request, Response, Status};

static NOTHING: Migrator = Migrator::DEFAULT;

/// A service whose methods do what a test of the guard needs.
struct Odd;

#[tonic::async_trait]
impl ProductService for Odd {
    /// Panics.
    async fn create_product(&self, _: Request<CreateProductRequest>) -> Result<Response<Product>, Status> {
        panic!("secret words of a panic")
    }

    /// Takes an hour.
    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        tokio::time::sleep(Duration::from_hours(1)).await;
        Ok(Response::new(Product::default()))
    }

    /// Says who calls, and from where.
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        let call = Call::of(&request)?;
        let (name, description) = (call.actor()?.label(), call.client().ip.clone());
        Ok(Response::new(Product { name, description, ..Product::default() }))
    }

    /// Fails by a defect.
    async fn list_products(&self, _: Request<ListProductsRequest>) -> Result<Response<ListProductsResponse>, Status> {
        Err(Error::Internal("secret words of a defect".to_owned()).into())
    }

    async fn delete_product(
        &self,
        _: Request<DeleteProductRequest>,
    ) -> Result<Response<DeleteProductResponse>, Status> {
        Ok(Response::new(DeleteProductResponse {}))
    }

    async fn import_products(
        &self,
        _: Request<ImportProductsRequest>,
    ) -> Result<Response<ImportProductsResponse>, Status> {
        Ok(Response::new(ImportProductsResponse::default()))
    }

    async fn batch_get_products(
        &self,
        _: Request<BatchGetProductsRequest>,
    ) -> Result<Response<BatchGetProductsResponse>, Status> {
        Ok(Response::new(BatchGetProductsResponse::default()))
    }

    async fn browse_products(
        &self,
        _: Request<BrowseProductsRequest>,
    ) -> Result<Response<BrowseProductsResponse>, Status> {
        Ok(Response::new(BrowseProductsResponse::default()))
    }
}

async fn rig() -> anyhow::Result<(Rig, ProductServiceClient<Transport>)> {
    let rig = Rig::new("catalog", &NOTHING).await?;
    let odd = Service::new("catalog").rpc(ProductServiceServer::new(Odd));
    let transport = rig.serve(odd, Vec::new())?;
    Ok((rig, ProductServiceClient::new(transport)))
}

/// A panic and a defect are internal errors whose words stay inside; the next call is served.
#[tokio::test]
async fn defects_keep_their_words_to_themselves() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let panicked = client.create_product(rig.actors.anonymous(CreateProductRequest::default())).await;
    let failed = client.list_products(rig.actors.anonymous(ListProductsRequest::default())).await;
    for status in [panicked.expect_err("it panics"), failed.expect_err("it fails")] {
        assert_eq!(status.code(), Code::Internal);
        assert!(!format!("{status:?}").contains("secret words"), "{status:?}");
    }
    client.browse_products(rig.actors.anonymous(BrowseProductsRequest::default())).await?;
    Ok(())
}

/// A call ends at its deadline, on the side of the service.
#[tokio::test]
async fn a_deadline_ends_a_call() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let request = with(rig.actors.anonymous(UpdateProductRequest::default()), "grpc-timeout", "20m");
    let status = client.update_product(request).await.expect_err("it takes an hour");
    assert_eq!((status.code(), status.message()), (Code::DeadlineExceeded, "the deadline has passed"));
    Ok(())
}

/// ID-30: whoever presents no credentials of a caller speaks for their own service; bad ones are never overlooked.
#[tokio::test]
async fn callers_are_who_they_prove_to_be() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let get = GetProductRequest::default;
    assert_eq!(client.get_product(Request::new(get())).await?.into_inner().name, "system test");
    let customer = CustomerId::new(rig.clock.now());
    let name = client.get_product(rig.actors.customer(customer, get())).await?.into_inner().name;
    assert_eq!(name, format!("customer {customer}"));
    let foreign = testing::Actors::new(&rig.clock, &Secrets::parse(&"ab".repeat(32))?)?;
    let refused = [
        foreign.anonymous(get()),
        foreign.system("orders", get()),
        with(Request::new(get()), "authorization", "Bearer nonsense"),
        with(Request::new(get()), "authorization", "Basic YTpi"),
        with(Request::new(get()), "authorization", "Bearer sk_unknown"),
    ];
    for request in refused {
        let status = client.get_product(request).await.expect_err("not known");
        assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    }
    let old = rig.actors.anonymous(get());
    rig.clock.advance(kit::assertion::LIFETIME);
    let status = client.get_product(old).await.expect_err("its time is over");
    assert_eq!(status.code(), Code::Unauthenticated);
    Ok(())
}

/// ID-28: the house is believed about where its caller came from.
#[tokio::test]
async fn the_house_says_where_a_caller_is() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let request = with(rig.actors.anonymous(GetProductRequest::default()), kit::call::header::CLIENT_IP, "192.0.2.7");
    assert_eq!(client.get_product(request).await?.into_inner().description, "192.0.2.7");
    Ok(())
}
