//! Everything about a customer at once, as far as it can be had.
mod support;

use http::StatusCode;
use kit::{denied::Denied, service::Service};
use proto::{
    carts::v1::{self as carts, cart_service_server::CartServiceServer},
    customers::v1::{self as customers, customer_service_server::CustomerServiceServer},
};
use serde_json::json;
use support::House;
use tonic::{Request, Response, Status};

const STAFF: &str = "authorization: Bearer staff_ok";

/// Knows one customer.
struct Customers;

#[tonic::async_trait]
impl customers::customer_service_server::CustomerService for Customers {
    async fn get_customer(
        &self,
        request: Request<customers::GetCustomerRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        match request.into_inner().id {
            id if id == "cus_1" => Ok(Response::new(customers::Customer {
                id,
                tags: vec!["vip".to_owned()],
                meta: r#"{"size": "M"}"#.to_owned(),
                ..Default::default()
            })),
            _ => Err(kit::Error::Denied(Denied::WrongCaller).into()),
        }
    }

    async fn ensure_customer(
        &self,
        _: Request<customers::EnsureCustomerRequest>,
    ) -> Result<Response<customers::EnsureCustomerResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn register_customer(
        &self,
        _: Request<customers::RegisterCustomerRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn find_customer(
        &self,
        _: Request<customers::FindCustomerRequest>,
    ) -> Result<Response<customers::FindCustomerResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_customers(
        &self,
        request: Request<customers::ListCustomersRequest>,
    ) -> Result<Response<customers::ListCustomersResponse>, Status> {
        let filter = format!("{:?}", request.into_inner().filter);
        let customer = customers::Customer { name: filter, ..Default::default() };
        Ok(Response::new(customers::ListCustomersResponse { customers: vec![customer], ..Default::default() }))
    }

    async fn update_own_profile(
        &self,
        _: Request<customers::UpdateOwnProfileRequest>,
    ) -> Result<Response<customers::Customer>, Status> {
        Err(Status::unimplemented(""))
    }
}

/// Shows carts to nobody.
struct Carts;

macro_rules! refuse {
    ($($name:ident($request:ty) -> $answer:ty;)+) => {
        #[tonic::async_trait]
        impl carts::cart_service_server::CartService for Carts {
            $(async fn $name(&self, _: Request<$request>) -> Result<Response<$answer>, Status> {
                Err(Denied::Forbidden("carts.read").into())
            })+
        }
    };
}

refuse! {
    open_cart(carts::OpenCartRequest) -> carts::Cart;
    list_cart_shipping_methods(carts::ListCartShippingMethodsRequest) -> carts::ListCartShippingMethodsResponse;
    set_attribution(carts::SetAttributionRequest) -> carts::Cart;
    set_shipping_method(carts::SetShippingMethodRequest) -> carts::Cart;
    get_cart(carts::GetCartRequest) -> carts::Cart;
    add_line(carts::AddLineRequest) -> carts::Cart;
    set_line(carts::SetLineRequest) -> carts::Cart;
    remove_line(carts::RemoveLineRequest) -> carts::Cart;
    empty_cart(carts::EmptyCartRequest) -> carts::Cart;
    delete_cart(carts::DeleteCartRequest) -> carts::Cart;
    add_code(carts::AddCodeRequest) -> carts::Cart;
    remove_code(carts::RemoveCodeRequest) -> carts::Cart;
    set_contact(carts::SetContactRequest) -> carts::Cart;
    list_carts(carts::ListCartsRequest) -> carts::ListCartsResponse;
}

async fn house() -> anyhow::Result<House> {
    let customers = Service::new("customers").rpc(CustomerServiceServer::new(Customers));
    let carts = Service::new("carts").rpc(CartServiceServer::new(Carts));
    House::with(|_| {}, vec![customers, carts]).await
}

/// CU-7: one part that is unavailable does not keep the rest, and says so.
#[tokio::test]
async fn a_profile_says_what_is_missing() -> anyhow::Result<()> {
    let house = house().await?;
    let answer = house.get("/admin/v1/customers/cus_1/profile", STAFF).await?;
    let profile = answer.json();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((&profile["customer"]["id"], &profile["tags"]), (&json!("cus_1"), &json!(["vip"])));
    assert_eq!(profile["customer"]["meta"], json!({"size": "M"}));
    let missing = [
        "orders",
        "products",
        "subscriptions",
        "reviews",
        "tickets",
        "messages",
        "notes",
        "addresses",
        "timeline",
        "transactions",
        "wishlist",
        "library",
        "downloads",
    ];
    assert_eq!(profile["unavailable"], json!(missing));
    assert_eq!(profile["withheld"], json!(["carts"]));
    assert!(profile.get("orders").is_none());
    Ok(())
}

#[tokio::test]
async fn the_customer_and_a_part_alone_must_be_there() -> anyhow::Result<()> {
    let house = house().await?;
    assert_eq!(house.get("/admin/v1/customers/cus_2/profile", STAFF).await?.code(), "wrong_caller");
    let carts = house.get("/admin/v1/customers/cus_1/carts", STAFF).await?;
    assert_eq!(
        (carts.code(), &carts.json()["required_permission"]),
        ("permission_required".into(), &json!("carts.read"))
    );
    assert_eq!(house.get("/admin/v1/customers/cus_1/orders", STAFF).await?.code(), "unavailable");
    Ok(())
}

/// CU-5: leads are a list of their own, which takes the same filters.
#[tokio::test]
async fn leads_are_customers_who_have_not_bought() -> anyhow::Result<()> {
    let house = house().await?;
    let leads = house.get("/admin/v1/leads?filter[status][eq]=active", STAFF).await?.json();
    let filter = leads["data"][0]["name"].as_str().unwrap_or_default().to_owned();
    assert!(filter.contains("And") && filter.contains("\"lead\"") && filter.contains("\"active\""), "{filter}");
    Ok(())
}
