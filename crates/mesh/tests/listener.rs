//! Listeners and the way to them: what ends them, what may be asked again, and who must not hold them up.
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::ConnectInfo, routing::get};
use http::Request;
use mesh::{
    listener::{Ending, Listener},
    remote::Remote,
    tls::{self, Identity},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tonic::{Code, Status, body::Body};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

/// A listener that runs.
struct Place {
    address: SocketAddr,
    ending: Ending,
    work: JoinHandle<()>,
}

impl Place {
    async fn open(address: &str, router: Router, tls: Option<tls::ServerTls>) -> anyhow::Result<Self> {
        Self::serve(Listener::bind(address.parse()?, tls).await?, router)
    }

    fn serve(listener: Listener, router: Router) -> anyhow::Result<Self> {
        let (address, ending) = (listener.address()?, Ending::default());
        let work = tokio::spawn(listener.serve(router, ending.clone()));
        Ok(Self { address, ending, work })
    }

    async fn closed(self) -> anyhow::Result<()> {
        Ok(timeout(PATIENCE, self.work).await??)
    }

    fn remote(&self) -> anyhow::Result<Remote> {
        Remote::new(&format!("http://{}", self.address), None)
    }
}

fn slow(begun: &Arc<Notify>, go_on: &Arc<Notify>) -> Router {
    let (begun, go_on) = (Arc::clone(begun), Arc::clone(go_on));
    let answer = move || {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        async move {
            begun.notify_one();
            go_on.notified().await;
            "done"
        }
    };
    Router::new().route("/slow", get(answer)).route("/", get(|| async { "here" }))
}

async fn ask(remote: &Remote, address: SocketAddr, path: &str) -> Result<http::Response<Body>, Status> {
    let request = Request::get(format!("http://{address}{path}")).body(Body::empty());
    remote.clone().call(request.map_err(|e| Status::internal(e.to_string()))?).await
}

/// Asks on `stream`; answers what comes, up to what the router says.
async fn get_again(stream: &mut TcpStream) -> anyhow::Result<String> {
    stream.write_all(GET).await?;
    answer(stream).await
}

async fn answer(stream: &mut TcpStream) -> anyhow::Result<String> {
    let mut answer = String::new();
    while !answer.ends_with("here") {
        let mut buffer = [0; 1024];
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await??;
        anyhow::ensure!(read > 0, "the connection ended: {answer}");
        answer.push_str(std::str::from_utf8(&buffer[..read])?);
    }
    Ok(answer)
}

/// PL-1: what a process has begun with it finishes although it is leaving; what comes meanwhile goes to who takes its
/// place on the port.
#[tokio::test]
async fn a_call_outlives_the_process_it_did_not_reach() -> anyhow::Result<()> {
    let (begun, go_on) = (Arc::default(), Arc::default());
    let first = Place::open("127.0.0.1:0", slow(&begun, &go_on), None).await?;
    let (remote, address) = (first.remote()?, first.address);
    let under_way = tokio::spawn({
        let remote = remote.clone();
        async move { ask(&remote, address, "/slow").await }
    });
    timeout(PATIENCE, begun.notified()).await?;
    first.ending.begun.cancel();
    let closed = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, closed).await?;
    let second = Place::open(&address.to_string(), slow(&begun, &go_on), None).await?;
    assert_eq!(ask(&remote, address, "/").await?.status(), 200);
    assert!(!under_way.is_finished());
    go_on.notify_one();
    assert_eq!(under_way.await??.status(), 200);
    first.closed().await?;
    second.ending.begun.cancel();
    second.closed().await
}

/// PL-2: a call that may have been begun with is not made again; one to nobody fails soon. Both are told as unavailable.
#[tokio::test]
async fn a_call_is_not_made_twice() -> anyhow::Result<()> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let (address, calls) = (socket.local_addr()?, Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let rude = tokio::spawn(async move {
        // Reads what comes, then hangs up without a word.
        while let Ok((mut stream, _)) = socket.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let remote = Remote::new(&format!("http://{address}"), None)?;
    let answer = timeout(PATIENCE, ask(&remote, address, "/")).await?;
    assert_eq!(answer.expect_err("nobody answers").code(), Code::Unavailable);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    rude.abort();
    let _ = rude.await;
    let answer = timeout(PATIENCE, ask(&remote, address, "/")).await?;
    assert_eq!(answer.expect_err("nobody is there").code(), Code::Unavailable);
    Ok(())
}

/// PL-1: while its end is only announced, a process serves on and asks clients of HTTP/1 to come by another connection.
#[tokio::test]
async fn an_announced_end_is_told_to_clients() -> anyhow::Result<()> {
    let place = Place::open("127.0.0.1:0", Router::new().route("/", get(|| async { "here" })), None).await?;
    let mut stream = TcpStream::connect(place.address).await?;
    let mut told = Vec::new();
    for announce in [false, true] {
        if announce {
            place.ending.announced.cancel();
        }
        let answer = get_again(&mut stream).await?;
        told.push(answer.contains("connection: close"));
    }
    assert_eq!(told, [false, true]);
    assert_eq!(timeout(PATIENCE, stream.read(&mut [0; 1])).await??, 0, "and the connection ends");
    place.ending.begun.cancel();
    place.closed().await
}

/// PL-7: whoever does not go on with a handshake, or speaks no TLS, keeps nobody else out.
#[tokio::test]
async fn a_slow_handshake_holds_nobody_up() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let certificate = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let identity = Identity { cert: folder.path().join("crt"), key: folder.path().join("key") };
    std::fs::write(&identity.cert, certificate.cert.pem())?;
    std::fs::write(&identity.key, certificate.signing_key.serialize_pem())?;
    let router = Router::new().route("/", get(|| async { "here" }));
    let place = Place::open("127.0.0.1:0", router, Some(tls::server(identity.clone(), None)?)).await?;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(place.address).await?);
    }
    TcpStream::connect(place.address).await?.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
    let remote = Remote::new(&format!("https://{}", place.address), Some(tls::client(identity.cert, None)?))?;
    assert_eq!(timeout(PATIENCE, ask(&remote, place.address, "/")).await??.status(), 200);
    drop(silent);
    place.ending.begun.cancel();
    place.closed().await
}

/// PL-5: a listener holds as many connections as it may. Who comes beyond waits, but not for ever: those that are there
/// end with their next answer.
#[tokio::test]
async fn whoever_comes_beyond_has_a_turn() -> anyhow::Result<()> {
    let order = Arc::<Mutex<Vec<SocketAddr>>>::default();
    let seen = Arc::clone(&order);
    let router = Router::new().route(
        "/",
        get(async move |ConnectInfo(client): ConnectInfo<SocketAddr>| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(client);
            "here"
        }),
    );
    let place = Place::serve(Listener::bind("127.0.0.1:0".parse()?, None).await?.holding(2), router)?;
    let _first = TcpStream::connect(place.address).await?;
    let mut second = TcpStream::connect(place.address).await?;
    let mut third = TcpStream::connect(place.address).await?;
    third.write_all(GET).await?;
    let told = get_again(&mut second).await?;
    assert!(told.contains("connection: close"), "{told}");
    assert_eq!(timeout(PATIENCE, second.read(&mut [0; 1])).await??, 0, "the connection ends");
    answer(&mut third).await?;
    let order = order.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(order, [second.local_addr()?, third.local_addr()?]);
    place.ending.begun.cancel();
    place.closed().await
}

/// PL-5: whoever connects and asks nothing, or never ends asking, is sent away after twenty seconds; whoever asked
/// stays.
#[tokio::test(start_paused = true)]
async fn whoever_asks_nothing_is_sent_away() -> anyhow::Result<()> {
    let place = Place::open("127.0.0.1:0", Router::new().route("/", get(async || "here")), None).await?;
    let mut asking = TcpStream::connect(place.address).await?;
    get_again(&mut asking).await?;
    for beginning in ["", "PRI * HT", "GET / HTTP/1.1\r\nhost: he"] {
        let mut stream = TcpStream::connect(place.address).await?;
        let began = Instant::now();
        stream.write_all(beginning.as_bytes()).await?;
        let read = timeout(Duration::from_mins(1), stream.read(&mut [0; 1])).await?;
        assert_eq!(read.unwrap_or_default(), 0, "{beginning}");
        assert_eq!(began.elapsed().as_secs(), 20, "{beginning}");
        get_again(&mut asking).await?;
    }
    place.ending.begun.cancel();
    place.closed().await
}
