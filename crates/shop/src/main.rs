//! Serves the shop front of a demo.
use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use shop::{Place, router};
use tokio::net::TcpListener;

/// A small shop front for a demo of Patron.
#[derive(Parser)]
struct Options {
    /// What `patron seed --demo` wrote.
    #[arg(long)]
    demo: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8070")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Options { demo, listen } = Options::parse();
    let routes = router(&Place::of_demo(&demo)?)?;
    axum::serve(TcpListener::bind(listen).await?, routes).await?;
    Ok(())
}
