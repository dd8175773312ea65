//! One HTTP/1.1 connection that is kept open.
use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header, request::Builder};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to the gateway.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    /// The newest answer; its room is used again.
    body: Vec<u8>,
}

impl Connection {
    /// Connects to the host of `base_url`, without TLS.
    pub async fn open(base_url: &str) -> anyhow::Result<Self> {
        let address: Uri = base_url.parse().context("the address of the house")?;
        let authority = address.authority().context("the address of the house names no host")?;
        let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its end is seen by the next request.
        tokio::spawn(connection);
        Ok(Self { sender, host: HeaderValue::from_str(authority.as_str())?, body: Vec::with_capacity(64 * 1024) })
    }

    /// Sends `request` and reads the whole answer, which must have this status.
    pub async fn send(&mut self, request: Builder, body: String, wanted: StatusCode) -> anyhow::Result<&[u8]> {
        let request: Request<_> = request.header(header::HOST, &self.host).body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let mut incoming = answer.into_body();
        self.body.clear();
        while let Some(frame) = incoming.frame().await {
            if let Some(data) = frame?.data_ref() {
                self.body.extend_from_slice(data);
            }
        }
        ensure!(status == wanted, "{status}: {}", String::from_utf8_lossy(&self.body));
        Ok(&self.body)
    }
}
