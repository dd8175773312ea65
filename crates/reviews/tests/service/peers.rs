//! Stand in for the services that know products and customers.
use std::sync::{Arc, Mutex, PoisonError};

use proto::{
    catalog::v1::{
        BatchGetProductsRequest, BatchGetProductsResponse, BrowseProductsRequest, BrowseProductsResponse,
        CreateProductRequest, DeleteProductRequest, DeleteProductResponse, GetProductRequest, ImportProductsRequest,
        ImportProductsResponse, ListProductsRequest, ListProductsResponse, Product, UpdateProductRequest,
        product_service_server::ProductService,
    },
    customers::v1::{
        Customer, EnsureCustomerRequest, EnsureCustomerResponse, FindCustomerRequest, FindCustomerResponse,
        GetCustomerRequest, ListCustomersRequest, ListCustomersResponse, RegisterCustomerRequest,
        UpdateOwnProfileRequest, customer_service_server::CustomerService,
    },
};
use reviews::error::Error;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// What these services know; shared by its clones.
#[derive(Clone, Default)]
pub struct Town {
    products: Arc<Mutex<Vec<Product>>>,
    customers: Arc<Mutex<Vec<Customer>>>,
}

impl Town {
    pub fn add_product(&self, product: Product) {
        self.products.lock().unwrap_or_else(PoisonError::into_inner).push(product);
    }

    pub fn add_customer(&self, customer: Customer) {
        self.customers.lock().unwrap_or_else(PoisonError::into_inner).push(customer);
    }
}

/// A service may ask for anything; a customer's own credentials do not show them their neighbours.
fn require_system<T>(request: &Request<T>) -> Result<(), Status> {
    Ok(kit::Call::of(request)?.actor()?.require_system()?)
}

fn found<T>(thing: Option<T>) -> Answer<T> {
    thing.map(Response::new).ok_or_else(|| kit::failure::status(&Error::SubjectNotFound))
}

fn unneeded<T>() -> Answer<T> {
    Err(Status::unimplemented("not needed"))
}

#[tonic::async_trait]
impl ProductService for Town {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Answer<Product> {
        require_system(&request)?;
        let id = request.into_inner().id;
        let products = self.products.lock().unwrap_or_else(PoisonError::into_inner);
        found(products.iter().find(|product| product.id == id).cloned())
    }

    async fn create_product(&self, _: Request<CreateProductRequest>) -> Answer<Product> {
        unneeded()
    }

    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Answer<Product> {
        unneeded()
    }

    async fn delete_product(&self, _: Request<DeleteProductRequest>) -> Answer<DeleteProductResponse> {
        unneeded()
    }

    async fn import_products(&self, _: Request<ImportProductsRequest>) -> Answer<ImportProductsResponse> {
        unneeded()
    }

    async fn batch_get_products(&self, _: Request<BatchGetProductsRequest>) -> Answer<BatchGetProductsResponse> {
        unneeded()
    }

    async fn list_products(&self, _: Request<ListProductsRequest>) -> Answer<ListProductsResponse> {
        unneeded()
    }

    async fn browse_products(&self, _: Request<BrowseProductsRequest>) -> Answer<BrowseProductsResponse> {
        unneeded()
    }
}

#[tonic::async_trait]
impl CustomerService for Town {
    async fn get_customer(&self, request: Request<GetCustomerRequest>) -> Answer<Customer> {
        require_system(&request)?;
        let id = request.into_inner().id;
        let customers = self.customers.lock().unwrap_or_else(PoisonError::into_inner);
        found(customers.iter().find(|customer| customer.id == id).cloned())
    }

    async fn ensure_customer(&self, _: Request<EnsureCustomerRequest>) -> Answer<EnsureCustomerResponse> {
        unneeded()
    }

    async fn register_customer(&self, _: Request<RegisterCustomerRequest>) -> Answer<Customer> {
        unneeded()
    }

    async fn find_customer(&self, _: Request<FindCustomerRequest>) -> Answer<FindCustomerResponse> {
        unneeded()
    }

    async fn list_customers(&self, _: Request<ListCustomersRequest>) -> Answer<ListCustomersResponse> {
        unneeded()
    }

    async fn update_own_profile(&self, _: Request<UpdateOwnProfileRequest>) -> Answer<Customer> {
        unneeded()
    }
}
