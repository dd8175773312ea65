//! Listeners: HTTP/1 and HTTP/2, plain or with TLS; and how they end without losing a request (PL-1).
use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use futures_util::FutureExt;
use http::{HeaderValue, Request, Version, header::CONNECTION};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use crate::tls::ServerTls;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once; whoever comes beyond is turned away.
const HANDSHAKES: usize = 1_000;
/// How long whoever connects may take to ask for something.
const FIRST: Duration = Duration::from_secs(20);
/// How long a connection of HTTP/1 may be idle, or take over the head of a request. Longer than load balancers keep
/// theirs, so that it is they who end them.
const IDLE: Duration = Duration::from_secs(90);
/// How often a silent client of HTTP/2 is asked whether it is there.
const ASK: Duration = Duration::from_secs(20);
/// Requests at once on one connection of HTTP/2: the whole gateway may come by one.
const STREAMS: u32 = 2_000;
/// Least and most seconds that a connection between services lasts, so that their load spreads over new processes.
const AGES: (u64, u64) = (300, 600);

/// How listeners end, in two steps.
#[derive(Clone, Default)]
pub struct Ending {
    /// Load balancers are told, and clients of HTTP/1 with each answer; everybody is still served.
    pub announced: CancellationToken,
    /// Nobody new is let in; what was asked is answered.
    pub begun: CancellationToken,
}

/// A socket that is listened to, before it is served.
pub struct Listener {
    socket: TcpListener,
    tls: Option<ServerTls>,
    renews: bool,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Listens on `address`.
    pub async fn bind(address: SocketAddr, tls: Option<ServerTls>) -> anyhow::Result<Self> {
        let socket = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        Ok(Self { socket, tls, renews: false, places: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)) })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The same whose connections end after a while. Clients of gRPC take that without a failure.
    #[must_use]
    pub fn renewing(mut self) -> Self {
        self.renews = true;
        self
    }

    /// The same with at most so many connections. While there are as many, those of HTTP/1 end with their next answer,
    /// so that whoever waits has a turn.
    #[must_use]
    pub fn holding(mut self, connections: u32) -> Self {
        self.places = Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(Semaphore::MAX_PERMITS)));
        self
    }

    /// Answers with `router` until the ending has begun and every request is answered.
    pub async fn serve(self, router: Router, ending: Ending) {
        let Self { socket, tls, renews, places } = self;
        let conversation = Arc::new(Conversation {
            router: router.with_state(()),
            protocol: protocol(),
            handshakes: Semaphore::new(HANDSHAKES),
            tls,
            renews,
            places,
            announced: ending.announced,
            over: CancellationToken::new(),
        });
        let conversations = TaskTracker::new();
        loop {
            tokio::select! {
                biased;
                () = ending.begun.cancelled() => break,
                accepted = socket.accept() => match accepted {
                    Ok(client) => {
                        let place = ending.begun.run_until_cancelled(conversation.place()).await.flatten();
                        conversations.spawn(Arc::clone(&conversation).hold(client, place));
                    }
                    // Most likely out of file descriptors: some may be free soon.
                    Err(error) => {
                        tracing::warn!(error.detail = %error, "a connection cannot be accepted");
                        sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        // Whom the system has let in already is served. Only when nobody gets in any more the others are sent away, or
        // they would come straight back.
        while let Some(Ok(client)) = socket.accept().now_or_never() {
            conversations.spawn(Arc::clone(&conversation).hold(client, None));
        }
        drop(socket);
        conversation.over.cancel();
        conversations.close();
        conversations.wait().await;
    }
}

fn protocol() -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(IDLE);
    let mut http2 = protocol.http2();
    http2.timer(TokioTimer::new()).keep_alive_interval(ASK).keep_alive_timeout(ASK / 2);
    http2.max_concurrent_streams(STREAMS);
    protocol
}

/// What all connections of a listener share.
struct Conversation {
    router: Router,
    protocol: Builder<TokioExecutor>,
    handshakes: Semaphore,
    tls: Option<ServerTls>,
    renews: bool,
    places: Arc<Semaphore>,
    announced: CancellationToken,
    over: CancellationToken,
}

impl Conversation {
    /// A place for one more connection, once there is one.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    async fn hold(self: Arc<Self>, (stream, address): (TcpStream, SocketAddr), _place: Option<OwnedSemaphorePermit>) {
        // Answers are small and leave at once.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return self.talk(stream, address).await };
        let Ok(permit) = self.handshakes.try_acquire() else { return };
        match timeout(HANDSHAKE, TlsAcceptor::from(tls.get()).accept(stream)).await {
            Ok(Ok(stream)) => {
                drop(permit);
                self.talk(stream, address).await;
            }
            Ok(Err(error)) => tracing::debug!(error.detail = %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn talk(self: &Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, address: SocketAddr) {
        let asked = Notify::new();
        let service = hyper::service::service_fn(|request| {
            asked.notify_one();
            Arc::clone(self).answer(request, address)
        });
        let mut connection = pin!(self.protocol.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // A client that goes away, or speaks something else, is no matter of ours.
            _ = connection.as_mut() => return,
            () = silence(&asked), if !self.renews => return,
            () = self.over.cancelled() => {}
            () = sleep(age()), if self.renews => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }

    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        address: SocketAddr,
    ) -> Result<Response, Infallible> {
        let is_http1 = request.version() < Version::HTTP_2;
        request.extensions_mut().insert(ConnectInfo(address));
        let mut answer = self.router.clone().call(request.map(Body::new)).await?;
        if is_http1 && (self.announced.is_cancelled() || self.places.available_permits() == 0) {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(answer)
    }
}

/// Ends when nothing was asked for too long; never when something was.
async fn silence(asked: &Notify) {
    if timeout(FIRST, asked.notified()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// How long a connection lasts that is renewed; not all of them end at once.
fn age() -> Duration {
    let (least, most) = AGES;
    Duration::from_secs(least + u64::from_be_bytes(base::secret::random()) % (most - least))
}
