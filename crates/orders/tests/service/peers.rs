//! Carts and customers as orders meets them.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use kit::ids::CustomerId;
use proto::{
    carts::v1::{self as carts, Cart, cart_service_server::CartService},
    catalog::v1::{
        self as catalog, Product, ProductDescription, ProductFile, product_file_service_server::ProductFileService,
        product_service_server::ProductService,
    },
    customers::v1::{self as customers, Customer, customer_service_server::CustomerService},
    notifications::v1::{
        GetMessageRequest, ListMessagesRequest, ListMessagesResponse, Message, SendMessageRequest,
        message_service_server::MessageService,
    },
};
use tonic::{Request, Response, Status};

/// Carts by id.
#[derive(Clone, Default)]
pub struct Shelf(pub Arc<Mutex<HashMap<String, Cart>>>);

impl Shelf {
    pub fn put(&self, cart: Cart) {
        self.0.lock().unwrap().insert(cart.id.clone(), cart);
    }

    /// What a cart comes to when it goes to `country`.
    pub fn put_abroad(&self, country: &str, cart: Cart) {
        self.0.lock().unwrap().insert(format!("{} {country}", cart.id), cart);
    }

    pub fn change(&self, id: &str, change: impl FnOnce(&mut Cart)) {
        change(self.0.lock().unwrap().get_mut(id).expect("a cart of this id"));
    }
}

/// Products by id.
#[derive(Clone, Default)]
pub struct Goods(pub Arc<Mutex<HashMap<String, Product>>>);

impl Goods {
    pub fn put(&self, product: Product) {
        self.0.lock().unwrap().insert(product.id.clone(), product);
    }
}

/// People by e-mail.
#[derive(Clone, Default)]
pub struct People(pub Arc<Mutex<HashMap<String, Customer>>>);

impl People {
    pub fn know(&self, customer: Customer) {
        self.0.lock().unwrap().insert(customer.email.to_lowercase(), customer);
    }

    pub fn forget(&self, email: &str) {
        self.0.lock().unwrap().remove(email);
    }
}

fn unasked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("orders does not ask for this"))
}

/// Products by id, with their files.
#[derive(Clone, Default)]
pub struct Stock(pub Arc<Mutex<HashMap<String, ProductDescription>>>);

impl Stock {
    pub fn put(&self, product: ProductDescription) {
        self.0.lock().unwrap().insert(product.product.clone(), product);
    }
}

#[tonic::async_trait]
impl ProductFileService for Stock {
    async fn describe_products(
        &self,
        request: Request<catalog::DescribeProductsRequest>,
    ) -> Result<Response<catalog::DescribeProductsResponse>, Status> {
        let stock = self.0.lock().unwrap();
        let asked = request.into_inner().products;
        let products = asked
            .iter()
            .filter_map(|asked| stock.get(&asked.product).filter(|product| product.store == asked.store).cloned());
        Ok(Response::new(catalog::DescribeProductsResponse { products: products.collect() }))
    }

    async fn list_digital_products(
        &self,
        request: Request<catalog::ListDigitalProductsRequest>,
    ) -> Result<Response<catalog::ListDigitalProductsResponse>, Status> {
        let (stock, stores) = (self.0.lock().unwrap(), request.into_inner().stores);
        let sold = stock.values().filter(|one| stores.contains(&one.store) && one.kind == "digital" && one.active);
        let sold = sold.map(|one| catalog::SoldProduct { store: one.store.clone(), product: one.product.clone() });
        Ok(Response::new(catalog::ListDigitalProductsResponse { products: sold.collect(), next: String::new() }))
    }

    async fn open_product_file(
        &self,
        request: Request<catalog::OpenProductFileRequest>,
    ) -> Result<Response<catalog::OpenedProductFile>, Status> {
        let asked = request.into_inner();
        let stock = self.0.lock().unwrap();
        let product = stock.get(&asked.product).filter(|product| product.store == asked.store);
        let file = product.and_then(|product| product.files.iter().find(|file| file.id == asked.id)).cloned();
        let file = file.ok_or_else(|| Status::not_found("no such file"))?;
        Ok(Response::new(catalog::OpenedProductFile { pass: format!("pass to {}", file.id), file: Some(file) }))
    }

    async fn add_product_file(
        &self,
        _: Request<catalog::AddProductFileRequest>,
    ) -> Result<Response<ProductFile>, Status> {
        unasked()
    }

    async fn replace_product_file(
        &self,
        _: Request<catalog::ReplaceProductFileRequest>,
    ) -> Result<Response<ProductFile>, Status> {
        unasked()
    }

    async fn change_product_file(
        &self,
        _: Request<catalog::ChangeProductFileRequest>,
    ) -> Result<Response<ProductFile>, Status> {
        unasked()
    }

    async fn remove_product_file(
        &self,
        _: Request<catalog::RemoveProductFileRequest>,
    ) -> Result<Response<catalog::RemoveProductFileResponse>, Status> {
        unasked()
    }

    async fn list_product_files(
        &self,
        _: Request<catalog::ListProductFilesRequest>,
    ) -> Result<Response<catalog::ListProductFilesResponse>, Status> {
        unasked()
    }

    async fn open_product_image(
        &self,
        _: Request<catalog::OpenProductImageRequest>,
    ) -> Result<Response<catalog::OpenedProductFile>, Status> {
        unasked()
    }

    async fn read_product_file(
        &self,
        _: Request<catalog::ReadProductFileRequest>,
    ) -> Result<Response<catalog::ProductFilePiece>, Status> {
        unasked()
    }
}

#[tonic::async_trait]
impl CartService for Shelf {
    async fn get_cart(&self, request: Request<carts::GetCartRequest>) -> Result<Response<Cart>, Status> {
        let carts::GetCartRequest { id, destinations } = request.into_inner();
        let carts = self.0.lock().unwrap();
        let to = destinations.and_then(|to| to.shipping).map(|to| to.country).unwrap_or_default();
        let here = carts.iter().filter(|(key, _)| !key.contains(' ')).map(|(_, cart)| cart);
        let mut here = here.filter(|cart| cart.id == id || (!id.is_empty() && cart.client_key == id));
        let found = carts.get(&format!("{id} {to}")).or_else(|| here.next());
        found.cloned().map(Response::new).ok_or_else(|| Status::not_found("no such cart"))
    }

    async fn list_cart_shipping_methods(
        &self,
        _: Request<carts::ListCartShippingMethodsRequest>,
    ) -> Result<Response<carts::ListCartShippingMethodsResponse>, Status> {
        unasked()
    }

    async fn set_attribution(&self, _: Request<carts::SetAttributionRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn set_shipping_method(&self, _: Request<carts::SetShippingMethodRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn open_cart(&self, _: Request<carts::OpenCartRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn add_line(&self, _: Request<carts::AddLineRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn set_line(&self, _: Request<carts::SetLineRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn remove_line(&self, _: Request<carts::RemoveLineRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn empty_cart(&self, _: Request<carts::EmptyCartRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn delete_cart(&self, _: Request<carts::DeleteCartRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn add_code(&self, _: Request<carts::AddCodeRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn remove_code(&self, _: Request<carts::RemoveCodeRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn set_contact(&self, _: Request<carts::SetContactRequest>) -> Result<Response<Cart>, Status> {
        unasked()
    }

    async fn list_carts(
        &self,
        _: Request<carts::ListCartsRequest>,
    ) -> Result<Response<carts::ListCartsResponse>, Status> {
        unasked()
    }
}

#[tonic::async_trait]
impl CustomerService for People {
    async fn ensure_customer(
        &self,
        request: Request<customers::EnsureCustomerRequest>,
    ) -> Result<Response<customers::EnsureCustomerResponse>, Status> {
        let request = request.into_inner();
        let mut people = self.0.lock().unwrap();
        let customer = people.entry(request.email.to_lowercase()).or_insert_with(|| Customer {
            id: CustomerId::new("2026-01-01T00:00:00Z".parse().expect("a time")).into(),
            email: request.email,
            name: request.name,
            registration: "guest".to_owned(),
            ..Customer::default()
        });
        Ok(Response::new(customers::EnsureCustomerResponse { customer: Some(customer.clone()), created: true }))
    }

    async fn get_customer(
        &self,
        request: Request<customers::GetCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let id = request.into_inner().id;
        let people = self.0.lock().unwrap();
        let found = people.values().find(|customer| customer.id == id).cloned();
        found.map(Response::new).ok_or_else(|| Status::not_found("no such customer"))
    }

    async fn register_customer(
        &self,
        _: Request<customers::RegisterCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        unasked()
    }

    async fn find_customer(
        &self,
        _: Request<customers::FindCustomerRequest>,
    ) -> Result<Response<customers::FindCustomerResponse>, Status> {
        unasked()
    }

    async fn list_customers(
        &self,
        _: Request<customers::ListCustomersRequest>,
    ) -> Result<Response<customers::ListCustomersResponse>, Status> {
        unasked()
    }

    async fn update_own_profile(
        &self,
        _: Request<customers::UpdateOwnProfileRequest>,
    ) -> Result<Response<Customer>, Status> {
        unasked()
    }
}

#[tonic::async_trait]
impl ProductService for Goods {
    async fn get_product(&self, request: Request<catalog::GetProductRequest>) -> Result<Response<Product>, Status> {
        let found = self.0.lock().unwrap().get(&request.into_inner().id).cloned();
        found.map(Response::new).ok_or_else(|| Status::not_found("no such product"))
    }

    async fn create_product(&self, _: Request<catalog::CreateProductRequest>) -> Result<Response<Product>, Status> {
        unasked()
    }

    async fn update_product(&self, _: Request<catalog::UpdateProductRequest>) -> Result<Response<Product>, Status> {
        unasked()
    }

    async fn delete_product(
        &self,
        _: Request<catalog::DeleteProductRequest>,
    ) -> Result<Response<catalog::DeleteProductResponse>, Status> {
        unasked()
    }

    async fn import_products(
        &self,
        _: Request<catalog::ImportProductsRequest>,
    ) -> Result<Response<catalog::ImportProductsResponse>, Status> {
        unasked()
    }

    async fn batch_get_products(
        &self,
        _: Request<catalog::BatchGetProductsRequest>,
    ) -> Result<Response<catalog::BatchGetProductsResponse>, Status> {
        unasked()
    }

    async fn list_products(
        &self,
        _: Request<catalog::ListProductsRequest>,
    ) -> Result<Response<catalog::ListProductsResponse>, Status> {
        unasked()
    }

    async fn browse_products(
        &self,
        _: Request<catalog::BrowseProductsRequest>,
    ) -> Result<Response<catalog::BrowseProductsResponse>, Status> {
        unasked()
    }
}

/// Messages that were to be sent.
#[derive(Clone, Default)]
pub struct Letters(pub Arc<Mutex<Vec<SendMessageRequest>>>, pub Arc<Mutex<Option<Gate>>>);

/// What becomes of the next letter beyond that it is noted.
pub enum Gate {
    /// It waits.
    Waits(tokio::sync::oneshot::Receiver<()>),
    /// It is refused.
    Fails,
}

#[tonic::async_trait]
impl MessageService for Letters {
    async fn send_message(&self, request: Request<SendMessageRequest>) -> Result<Response<Message>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        let gate = self.1.lock().unwrap().take();
        match gate {
            Some(Gate::Waits(until)) => drop(until.await),
            Some(Gate::Fails) => return Err(Status::unavailable("later")),
            None => {}
        }
        Ok(Response::new(Message::default()))
    }

    async fn get_message(&self, _: Request<GetMessageRequest>) -> Result<Response<Message>, Status> {
        unasked()
    }

    async fn list_messages(&self, _: Request<ListMessagesRequest>) -> Result<Response<ListMessagesResponse>, Status> {
        unasked()
    }
}
