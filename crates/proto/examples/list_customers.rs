//! Lists customers over gRPC, as an integration inside the network does.
//!
//! `PATRON_TOKEN=staff_… cargo run -p proto --example list_customers -- http://127.0.0.1:8081 [search]`
use proto::customers::v1::{ListCustomersRequest, customer_service_client::CustomerServiceClient};
use tonic::{Request, metadata::MetadataValue, transport::Channel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("say where the service listens")?;
    let token = std::env::var("PATRON_TOKEN")?;
    let channel = Channel::from_shared(url)?.connect().await?;
    let mut customers = CustomerServiceClient::new(channel);

    let query = arguments.next().unwrap_or_default();
    let mut request = Request::new(ListCustomersRequest { query, ..ListCustomersRequest::default() });
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
    request.set_timeout(std::time::Duration::from_secs(2));

    for customer in customers.list_customers(request).await?.into_inner().customers {
        println!("{}  {:<24}  {} orders", customer.id, customer.name, customer.orders_count);
    }
    Ok(())
}
