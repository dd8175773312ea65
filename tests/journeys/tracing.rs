//! One trace goes from HTTP through gRPC and the broker to the consumer.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use e2e::{Authority, Form, House, Shop, eventually, http::send};
use mesh::{
    listener::{Ending, Listener},
    tls,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use serde_json::json;
use testing::broker::free_port;
use tonic::{Request, Response, Status, service::Routes, transport::Server};

/// Trace id of what is looked for.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// A call as a part of that trace.
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A collector that keeps the names of the spans of that trace.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<BTreeSet<String>>>);

impl Collector {
    /// Waits until it has seen all of these parts.
    async fn saw(&self, parts: &[&str]) -> anyhow::Result<()> {
        let seen = || self.0.lock().expect("nobody panics with it").clone();
        let whole = eventually("every part is traced", || async {
            let seen = seen();
            Ok(parts.iter().all(|part| seen.iter().any(|name| name.contains(part))).then_some(()))
        });
        whole.await.map_err(|e| e.context(format!("{:?}", seen())))
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = request.into_inner().resource_spans;
        let spans = spans.into_iter().flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans);
        let of_trace = spans
            .filter(|span| u128::from_str_radix(TRACE, 16).is_ok_and(|trace| span.trace_id == trace.to_be_bytes()));
        self.0.lock().expect("nobody panics with it").extend(of_trace.map(|span| span.name));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// PL-5: the trace of a request goes on in every service it reaches, and in those that hear of it by an event.
#[tokio::test]
async fn one_trace_goes_through_the_house() -> anyhow::Result<()> {
    let (collector, port) = (Collector::default(), free_port()?);
    let serving = Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    tokio::spawn(serving.serve(([127, 0, 0, 1], port).into()));
    let endpoint = format!("http://127.0.0.1:{port}");
    let house = House::start(Form::Separate, vec![("PATRON_OTLP_ENDPOINT", endpoint)]).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let cart = shop.guest().cart(&mug, 1).await?;
    let token = shop.guest().checkout(&cart, "ada@example.com", "test").await?;
    let capture = shop.guest().request(reqwest::Method::POST, "checkouts/capture");
    let capture = capture.header("traceparent", PARENT);
    send(capture.json(&json!({ "token": token, "payment_method": "pm_test_ok" }))).await?.expect(200)?;
    let parts =
        ["CaptureCheckout", "patron.customers.v1.CustomerService/EnsureCustomer", "patron.orders.v1.OrderPlaced"];
    collector.saw(&parts).await
}

/// PL-5, PL-7: to a collector that speaks TLS, and to nobody without a certificate of the house, traces go encrypted.
#[tokio::test]
async fn a_trace_goes_encrypted() -> anyhow::Result<()> {
    let (collector, folder) = (Collector::default(), tempfile::tempdir()?);
    let authority = Authority::found(folder.path(), "house")?;
    let identity = authority.vouch("house")?;
    let tls = tls::server(authority.vouch("collector")?, Some(authority.roots.clone()))?;
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), Some(tls)).await?;
    let endpoint = format!("https://{}", listener.address()?);
    let serving = Routes::new(TraceServiceServer::new(collector.clone())).into_axum_router();
    tokio::spawn(listener.serve(serving, Ending::default()));
    let mut environment = authority.environment(&identity);
    environment.push(("PATRON_OTLP_ENDPOINT", endpoint));
    let house = House::start(Form::One, environment).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    send(shop.guest().request(reqwest::Method::GET, "products").header("traceparent", PARENT)).await?.expect(200)?;
    collector.saw(&["GET /storefront/v1/products"]).await
}
