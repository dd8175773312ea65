//! Stands in for the catalog: one product at version 3, and products that go wrong.
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use kit::{Call, failure::Violation};
use proto::{
    base::v1::Money,
    catalog::v1::{
        BatchGetProductsRequest, BatchGetProductsResponse, BrowseProductsRequest, BrowseProductsResponse,
        CreateProductRequest, DeleteProductRequest, DeleteProductResponse, GetProductRequest, ImportProductsRequest,
        ImportProductsResponse, ListProductsRequest, ListProductsResponse, Product, UpdateProductRequest,
        product_service_server::ProductService,
    },
};
use tonic::{Request, Response, Status};

/// The stand-in.
pub struct Products {
    /// The metadata of every call.
    pub calls: Arc<Mutex<Vec<HeaderMap>>>,
}

fn mug() -> Product {
    Product {
        id: "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46".to_owned(),
        sku: "MUG-1".to_owned(),
        name: "Mug".to_owned(),
        price: Some(Money { amount: 1999, currency: "EUR".to_owned() }),
        currency: "EUR".to_owned(),
        version: 3,
        ..Product::default()
    }
}

impl Products {
    fn note<T>(&self, request: &Request<T>) {
        if let Ok(mut calls) = self.calls.lock() {
            calls.push(request.metadata().clone().into_headers());
        }
    }
}

#[tonic::async_trait]
impl ProductService for Products {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        self.note(&request);
        match &*request.into_inner().id {
            "prd_panic" => panic!("a defect"),
            "prd_gone" => Err(Status::unavailable("connection refused")),
            "prd_slow" => std::future::pending().await,
            "prd_raw" => Err(Status::unknown("relation \"products\" does not exist")),
            _ => Ok(Response::new(mug())),
        }
    }

    async fn delete_product(
        &self,
        _: Request<DeleteProductRequest>,
    ) -> Result<Response<DeleteProductResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn import_products(
        &self,
        _: Request<ImportProductsRequest>,
    ) -> Result<Response<ImportProductsResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn create_product(&self, request: Request<CreateProductRequest>) -> Result<Response<Product>, Status> {
        self.note(&request);
        if request.get_ref().name.is_empty() {
            return Err(Violation::new("/name", "required", "give the product a name").into());
        }
        let mut answer = Response::new(mug());
        if request.metadata().get("idempotency-key").is_some_and(|key| key == "seen") {
            answer.metadata_mut().insert("idempotent-replayed", "true".parse().map_err(|_| Status::internal(""))?);
        }
        Ok(answer)
    }

    async fn update_product(&self, request: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        self.note(&request);
        Call::of(&request)?.check_version(3)?;
        Ok(Response::new(mug()))
    }

    async fn batch_get_products(
        &self,
        _: Request<BatchGetProductsRequest>,
    ) -> Result<Response<BatchGetProductsResponse>, Status> {
        Err(Status::unimplemented("not needed here"))
    }

    async fn list_products(
        &self,
        request: Request<ListProductsRequest>,
    ) -> Result<Response<ListProductsResponse>, Status> {
        self.note(&request);
        Ok(Response::new(ListProductsResponse { products: vec![mug()], page: None }))
    }

    async fn browse_products(
        &self,
        request: Request<BrowseProductsRequest>,
    ) -> Result<Response<BrowseProductsResponse>, Status> {
        self.note(&request);
        Ok(Response::new(BrowseProductsResponse { products: vec![mug()] }))
    }
}
