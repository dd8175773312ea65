//! Carts and customers as orders meets them.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use kit::ids::CustomerId;
use proto::{
    carts::v1::{self as carts, Cart, cart_service_server::CartService},
    customers::v1::{self as customers, Customer, customer_service_server::CustomerService},
};
use tonic::{Request, Response, Status};

/// Carts by id.
#[derive(Clone, Default)]
pub struct Shelf(pub Arc<Mutex<HashMap<String, Cart>>>);

impl Shelf {
    pub fn put(&self, cart: Cart) {
        self.0.lock().unwrap().insert(cart.id.clone(), cart);
    }

    pub fn change(&self, id: &str, change: impl FnOnce(&mut Cart)) {
        change(self.0.lock().unwrap().get_mut(id).expect("a cart of this id"));
    }
}

/// People by e-mail.
#[derive(Clone, Default)]
pub struct People(pub Arc<Mutex<HashMap<String, Customer>>>);

impl People {
    pub fn know(&self, customer: Customer) {
        self.0.lock().unwrap().insert(customer.email.to_lowercase(), customer);
    }
}

fn unasked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("orders does not ask for this"))
}

#[tonic::async_trait]
impl CartService for Shelf {
    async fn get_cart(&self, request: Request<carts::GetCartRequest>) -> Result<Response<Cart>, Status> {
        let id = request.into_inner().id;
        let carts = self.0.lock().unwrap();
        let found = carts.values().find(|cart| cart.id == id || (!id.is_empty() && cart.client_key == id));
        found.cloned().map(Response::new).ok_or_else(|| Status::not_found("no such cart"))
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
