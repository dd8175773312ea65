//! Internal gRPC clients are users too.
use std::time::{Duration, Instant};

use e2e::{Form, House, Shop, eventually, house::bearer, http::text};
use kit::failure::Told;
use proto::{
    catalog::v1::{BrowseProductsRequest, product_service_client::ProductServiceClient},
    customers::v1::{GetCustomerRequest, ListCustomersRequest, customer_service_client::CustomerServiceClient},
};
use serde_json::json;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// ID-30: a staff session is accepted in metadata and checked as everywhere else; reasons are stable.
#[tokio::test]
async fn a_staff_session_works_over_grpc() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let mut customers = CustomerServiceClient::new(house.channel("customers")?);
    let list = ListCustomersRequest::default();
    let found = customers.list_customers(bearer(list.clone(), &shop.owner.token)?).await?.into_inner();
    assert_eq!(found.customers.len(), 1);
    for token in ["staff_nonsense", "sk_nonsense", "nonsense", "a.b.c"] {
        let status = customers.list_customers(bearer(list.clone(), token)?).await.expect_err("not known");
        assert_eq!(status.code(), Code::Unauthenticated, "{token}");
    }
    let status = customers.list_customers(tonic::Request::new(list)).await.expect_err("nobody");
    assert_eq!((status.code(), Told::read(&status).reason.as_str()), (Code::Unauthenticated, "unauthenticated"));
    let unknown = GetCustomerRequest { id: "cus_00000000000070008000000000000000".to_owned() };
    let status = customers.get_customer(bearer(unknown, &shop.owner.token)?).await.expect_err("unknown");
    assert_eq!(status.code(), Code::NotFound);
    Ok(())
}

/// ID-24: a key that is bound to addresses works over gRPC from where it may, by the address that the connection really
/// comes from.
#[tokio::test]
async fn a_bound_key_works_over_grpc() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let key = async |network: &str| {
        let body = json!({ "name": network, "permissions": ["customers.read"], "allowed_ips": [network] });
        let key = shop.owner.post("/admin/v1/api-keys", &body).await?.expect(201)?;
        anyhow::Ok(text(&key, "/secret")?.to_owned())
    };
    let (near, far) = (key("127.0.0.0/8").await?, key("192.0.2.0/24").await?);
    let mut customers = CustomerServiceClient::new(house.channel("customers")?);
    customers.list_customers(bearer(ListCustomersRequest::default(), &near)?).await?;
    for made_up in ["client-ip", "x-forwarded-for"] {
        let mut request = bearer(ListCustomersRequest::default(), &far)?;
        request.metadata_mut().insert(made_up, "192.0.2.1".parse()?);
        let status = customers.list_customers(request).await.expect_err("from elsewhere");
        let told = Told::read(&status).reason;
        assert_eq!((status.code(), told.as_str()), (Code::PermissionDenied, "address_not_allowed"), "{made_up}");
    }
    Ok(())
}

/// ID-30: a signed-out session is refused by every service at once, gateways included.
#[tokio::test]
async fn a_revoked_session_ends_everywhere() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.owner.get("/admin/v1/customers").await?.expect(200)?;
    let end = shop.owner.request(reqwest::Method::DELETE, "/admin/v1/sessions/current");
    assert!(e2e::http::send(end).await?.status < 300);
    let started = Instant::now();
    eventually("the gateway has heard of it", || async {
        Ok((shop.owner.get("/admin/v1/customers").await?.status == 401).then_some(()))
    })
    .await?;
    assert!(started.elapsed() < Duration::from_secs(30), "without waiting for the cache to forget");
    Ok(())
}

/// A deadline in the metadata is honoured by the service.
#[tokio::test]
async fn deadlines_are_honoured() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mut catalog = ProductServiceClient::new(house.channel("catalog")?);
    let mut request = bearer(BrowseProductsRequest::default(), &shop.owner.token)?;
    request.metadata_mut().insert("grpc-timeout", "1n".parse()?);
    let status = catalog.browse_products(request).await.expect_err("too short for anybody");
    // Whoever notices first says so: the client's own timer, or the service.
    assert!([Code::Cancelled, Code::DeadlineExceeded].contains(&status.code()), "{status:?}");
    Ok(())
}

/// PL-5: every service says that it is served, and describes itself.
#[tokio::test]
async fn services_tell_of_themselves() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    for (service, rpcs) in [
        ("identity", "patron.identity.v1.AssertionService"),
        ("customers", "patron.customers.v1.CustomerService"),
        ("catalog", "patron.catalog.v1.ProductService"),
        ("carts", "patron.carts.v1.CartService"),
        ("orders", "patron.orders.v1.CheckoutService"),
        ("notifications", "patron.notifications.v1.MessageService"),
        ("reviews", "patron.reviews.v1.ReviewService"),
    ] {
        let channel = house.channel(service)?;
        let mut health = HealthClient::new(channel.clone());
        for name in [rpcs, ""] {
            let request = HealthCheckRequest { service: name.to_owned() };
            let status = health.check(request).await?.into_inner().status();
            assert_eq!(status, ServingStatus::Serving, "{name}");
        }
        let ask = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::FileContainingSymbol(rpcs.to_owned())),
        };
        let mut reflection = ServerReflectionClient::new(channel);
        let asked = futures_util::stream::iter([ask]);
        let answer = reflection.server_reflection_info(asked).await?.into_inner().message().await?;
        let answer = answer.and_then(|answer| answer.message_response);
        assert!(matches!(answer, Some(MessageResponse::FileDescriptorResponse(_))), "{rpcs}: {answer:?}");
    }
    Ok(())
}
