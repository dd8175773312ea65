//! Bodies that are too large, sent over a real connection.
mod support;

use std::net::SocketAddr;

use support::House;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const MIB: usize = 1024 * 1024;

/// Sends everything before it reads anything, as simple clients do, and answers what came back.
async fn send(address: SocketAddr, head: &str, body: &[u8]) -> anyhow::Result<String> {
    let mut client = TcpStream::connect(address).await?;
    let post = "POST /admin/v1/products HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer staff_ok\r\n\
                connection: close\r\ncontent-type: application/json\r\n";
    client.write_all(format!("{post}{head}\r\n\r\n").as_bytes()).await?;
    for part in body.chunks(64 * 1024) {
        client.write_all(part).await?;
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn listen() -> anyhow::Result<SocketAddr> {
    let router = House::new().await?.router();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(address)
}

/// A client that sends too much hears so, instead of finding its connection reset.
#[tokio::test]
async fn too_much_is_read_before_it_is_refused() -> anyhow::Result<()> {
    let address = listen().await?;
    let body = vec![b' '; 7 * MIB];
    let announced = send(address, &format!("content-length: {}", body.len()), &body).await?;
    let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    let chunked = send(address, "transfer-encoding: chunked", &chunk).await?;
    for answer in [announced, chunked] {
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"code\":\"too_large\""), "{answer}");
    }
    Ok(())
}

/// A client that asks first is told before it sends anything.
#[tokio::test]
async fn who_asks_first_is_refused_at_once() -> anyhow::Result<()> {
    let head = format!("expect: 100-continue\r\ncontent-length: {}", 7 * MIB);
    let answer = send(listen().await?, &head, b"").await?;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    Ok(())
}
