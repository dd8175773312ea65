//! The console in front of sample data, to look at its pages without any service: `cargo run -p console --example
//! preview`, then <http://127.0.0.1:8090/console>, as owner@example.com (code 123456), moderator@example.com or
//! both@example.com with the password "correct horse battery". Arguments name services to leave away.
use std::net::SocketAddr;

#[path = "../tests/support/mod.rs"]
mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let away: Vec<String> = std::env::args().skip(1).collect();
    let away: Vec<&str> = away.iter().map(String::as_str).collect();
    let (router, _) = support::console(&away).await?;
    let port = std::env::var("PORT").unwrap_or_else(|_| "8090".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/console", listener.local_addr()?);
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
