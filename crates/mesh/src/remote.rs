//! A peer in another process: connections to it, and what may be asked again when one of them is gone.
use std::{error::Error, time::Duration};

use anyhow::{Context, ensure};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};
use tokio_util::either::Either;
use tonic::{
    ConnectError, Status,
    body::Body,
    codegen::StdError,
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt, service_fn};

use crate::tls::ClientTls;

/// How long it may take to connect, the TLS handshake included.
const CONNECT: Duration = Duration::from_secs(2);
/// How often a peer is asked whether it is there, and how long it has to answer.
const ASK: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3));
/// How long to wait before a call that the peer cannot have begun with is made again: together as long as a process
/// takes to be replaced by another one.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(150), Duration::from_millis(300)];

/// The way to a peer. Connects when first needed, and again whenever the connection is gone. Clones share it.
#[derive(Clone)]
pub struct Remote(Channel);

/// A connection, plain or not.
type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

impl Remote {
    /// The way to `url`; one with `https` needs `tls`.
    pub fn new(url: &str, tls: Option<ClientTls>) -> anyhow::Result<Self> {
        Ok(Self(channel(url, tls)?))
    }

    /// Makes one call and reads its answer whole. What the peer cannot have begun with is asked again; whatever else
    /// goes wrong on the way is `Unavailable`, and nobody knows how far it came.
    pub async fn call(mut self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut pauses = PAUSES.into_iter();
        loop {
            let again = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            let error = match self.attempt(again).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tracing::debug!(error.detail = ?error, "a peer cannot be reached");
            match pauses.next().filter(|_| is_untouched(&*error)) {
                Some(pause) => sleep(pause).await,
                None => return Err(Status::unavailable("a part of the house cannot be reached")),
            }
            metrics::counter!("rpc_retries_total").increment(1);
        }
    }

    async fn attempt(&mut self, request: Request<Body>) -> Result<Response<Body>, StdError> {
        let (head, body) = self.0.ready().await?.call(request).await?.into_parts();
        Ok(Response::from_parts(head, Body::new(body.collect().await?)))
    }
}

/// A channel to `url` as gRPC has it, which asks nothing again.
pub fn channel(url: &str, tls: Option<ClientTls>) -> anyhow::Result<Channel> {
    let uri: Uri = url.parse().context("the address cannot be read")?;
    let is_secure = uri.scheme_str() == Some("https");
    ensure!(is_secure || uri.scheme_str() == Some("http"), "the address must begin with http:// or https://");
    let tls = tls.filter(|_| is_secure);
    ensure!(!is_secure || tls.is_some(), "https needs to know whom to trust: set PATRON_TLS_CA");
    let endpoint = Endpoint::from(uri).http2_keep_alive_interval(ASK.0).keep_alive_timeout(ASK.1);
    let endpoint = endpoint.keep_alive_while_idle(true);
    let connector = service_fn(move |uri: Uri| {
        let tls = tls.clone();
        async move {
            let stream = timeout(CONNECT, connect(&uri, tls)).await;
            let stream = stream.map_err(|_| ConnectError("connecting takes too long".into()))?;
            stream.map(TokioIo::new).map_err(ConnectError)
        }
    });
    Ok(Channel::new(connector, endpoint))
}

async fn connect(uri: &Uri, tls: Option<ClientTls>) -> Result<Stream, StdError> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(Either::Left(stream)) };
    let name = ServerName::try_from(host.to_owned())?;
    Ok(Either::Right(Box::new(TlsConnector::from(tls.get()).connect(name, stream).await?)))
}

/// Whether the peer cannot have begun with a call that ended in `error`: there was no connection, the call did not get
/// onto it, or the peer said on leaving that it takes no more.
fn is_untouched(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
    causes.any(|cause| {
        let refused = |error: &h2::Error| {
            error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
        };
        cause.is::<ConnectError>()
            || cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
            || cause.downcast_ref::<h2::Error>().is_some_and(refused)
    })
}
