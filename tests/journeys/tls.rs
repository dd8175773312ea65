//! Encryption on every way: listeners, peers, PostgreSQL and NATS.
use std::{
    error::Error,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::Context;
use e2e::{Authority, Cluster, Form, House, Shop, eventually};
use mesh::tls::{ClientTls, Identity};
use sqlx::AssertSqlSafe;
use testing::broker::free_port;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tonic::Status;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

/// A nats-server that takes encrypted connections only, of clients with a certificate of the same authority.
struct Broker {
    child: Child,
    url: String,
}

impl Broker {
    fn start(folder: &Path, authority: &Authority, identity: &Identity) -> anyhow::Result<Self> {
        let port = free_port()?;
        let child = Command::new(std::env::var_os("PATRON_TEST_NATS_SERVER").context("no nats-server")?)
            .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--tls", "--tlsverify"])
            .arg("--tlscert")
            .arg(&identity.cert)
            .arg("--tlskey")
            .arg(&identity.key)
            .arg("--tlscacert")
            .arg(&authority.roots)
            .arg("--store_dir")
            .arg(folder.join("nats"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, url: format!("tls://127.0.0.1:{port}") })
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Has PostgreSQL take encrypted connections too; answers the URL that insists on them.
async fn encrypted(cluster: &Cluster, authority: &Authority) -> anyhow::Result<String> {
    let url = cluster.database().await?;
    let mut connection = cluster.connect("postgres").await?;
    let identity = authority.vouch("postgres")?;
    for (file, name) in [(&identity.cert, "server.crt"), (&identity.key, "server.key")] {
        // Written line by line by PostgreSQL itself, whose files they have to be.
        let content = fs::read_to_string(file)?;
        let lines = format!("select unnest(string_to_array('{}', chr(10)))", content.trim());
        let write = format!("copy ({lines}) to program 'umask 077; cat > {name}'");
        sqlx::query(AssertSqlSafe(write)).execute(&mut connection).await?;
    }
    sqlx::query("alter system set ssl = on").execute(&mut connection).await?;
    sqlx::query("select pg_reload_conf()").execute(&mut connection).await?;
    let url = format!("{url}?sslmode=verify-full&sslrootcert={}", authority.roots.display());
    eventually("PostgreSQL takes encrypted connections", || async {
        Ok(sqlx::PgPool::connect(&url).await.ok().map(|_| ()))
    })
    .await?;
    Ok(url)
}

/// Asks a gRPC listener how it is.
async fn ask(url: &str, tls: Option<ClientTls>) -> Result<(), Status> {
    let channel = mesh::remote::channel(url, tls).map_err(|e| Status::internal(e.to_string()))?;
    let request = HealthCheckRequest { service: String::new() };
    HealthClient::new(channel).check(request).await.map(drop)
}

/// Whether the call failed on its way: a status that the other side answered has no source.
fn is_cut_off(answer: &Result<(), Status>) -> bool {
    answer.as_ref().is_err_and(|status| status.source().is_some())
}

/// PL-7: with everything encrypted a purchase goes through every process, PostgreSQL and NATS; nothing else is taken.
#[tokio::test]
async fn a_purchase_goes_encrypted() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::found(folder.path(), "house")?;
    let (identity, cluster) = (authority.vouch("house")?, Cluster::start().await?);
    let broker = Broker::start(folder.path(), &authority, &authority.vouch("nats")?)?;
    let mut environment = authority.environment(&identity);
    environment.push(("PATRON_NATS_URL", broker.url.clone()));
    let house = House::start_on(encrypted(&cluster, &authority).await?, Form::Separate, environment).await?;

    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    e2e::mail::arrival(&house, "ada@example.com", "Product MUG").await?;
    let (all, open): (i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where not ssl) from pg_stat_ssl join pg_stat_activity using (pid)
         where application_name like 'patron-%'",
    )
    .fetch_one(&mut cluster.connect("postgres").await?)
    .await?;
    assert!(all > 0 && open == 0, "{open} of {all} connections are open");

    let ready = |cert: &Path| {
        let mut command = Command::new(std::env::var_os("PATRON_BIN").context("PATRON_BIN is not set")?);
        let listen = house.ops("orders").replace("https://", "");
        command.arg("ready").env("PATRON_OPS_LISTEN", listen).env("PATRON_TLS_CERT", cert);
        anyhow::Ok(command.stderr(Stdio::null()).status()?.success())
    };
    assert!(ready(&identity.cert)? && !ready(&authority.vouch("other")?.cert)?);

    for plain in [house.http.base(), &house.ops("orders")].map(|url| url.replace("https", "http")) {
        assert!(reqwest::get(format!("{plain}/livez")).await.is_err(), "{plain}");
    }
    let plain = house.grpc("orders").replace("https", "http");
    assert!(is_cut_off(&ask(&plain, None).await));
    Ok(())
}

/// PL-7: by gRPC only peers are heard who show a good certificate of the house's authority, and they hear nobody else.
#[tokio::test]
async fn peers_are_known_by_their_certificates() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let [own, foreign] = ["house", "stranger"].map(|name| Authority::found(folder.path(), name));
    let (own, foreign) = (own?, foreign?);
    let identity = own.vouch("house")?;
    let house = House::start(Form::One, own.environment(&identity)).await?;
    let url = house.grpc("catalog");
    ask(&url, Some(own.client(Some(own.vouch("peer")?))?)).await?;
    let strangers = [
        ("nobody", own.client(None)?),
        ("of another authority", own.client(Some(foreign.vouch("peer")?))?),
        ("too late", own.client(Some(own.expired("late")?))?),
        ("who trusts others", foreign.client(Some(own.vouch("peer")?))?),
    ];
    for (who, tls) in strangers {
        let answer = ask(&url, Some(tls)).await;
        assert!(is_cut_off(&answer), "{who}: {answer:?}");
    }
    Ok(())
}

/// PL-7: a certificate that is replaced is shown from the next connection on, without a restart.
#[tokio::test]
async fn certificates_are_replaced_under_way() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::found(folder.path(), "house")?;
    let identity = authority.vouch("house")?;
    let house = House::start(Form::One, authority.environment(&identity)).await?;
    let tls = authority.client(Some(authority.vouch("peer")?))?;
    let addresses = [house.grpc("orders"), house.ops("gateway"), house.http.base().to_owned()];
    let first = shown(&addresses, &tls).await?;
    assert!(first.iter().all(|certificate| *certificate == first[0]));

    authority.vouch("house")?;
    let second = shown(&addresses, &tls).await?;
    assert!(second.iter().all(|certificate| *certificate == second[0] && *certificate != first[0]));

    fs::write(&identity.key, "half a key")?;
    assert_eq!(shown(&addresses, &tls).await?, second, "what cannot be used changes nothing");
    ask(&addresses[0], Some(tls)).await?;
    Ok(())
}

/// The certificates shown at these addresses.
async fn shown(addresses: &[String], tls: &ClientTls) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut certificates = Vec::new();
    for address in addresses {
        let stream = TcpStream::connect(address.trim_start_matches("https://")).await?;
        let mut config = (*tls.get()).clone();
        config.alpn_protocols.clear();
        let stream = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("127.0.0.1")?, stream).await?;
        let chain = stream.get_ref().1.peer_certificates().context("no certificate")?;
        certificates.push(chain.first().context("an empty chain")?.to_vec());
    }
    Ok(certificates)
}

/// PL-7: half a setting is told at the start, in words.
#[test]
fn half_a_setting_is_no_start() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::found(folder.path(), "house")?;
    let identity = authority.vouch("house")?;
    let [cert, key, roots] = [&identity.cert, &identity.key, &authority.roots].map(|file| file.display().to_string());
    let refused = |own: &[(&str, &str)], words: &str| {
        let mut command = Command::new(std::env::var_os("PATRON_BIN").context("PATRON_BIN is not set")?);
        command.args(["run", "catalog"]).env_clear().envs(own.iter().copied());
        command.env("PATRON_DATABASE_URL", "postgres://nobody@127.0.0.1:9/none");
        command.env("PATRON_NATS_URL", "nats://127.0.0.1:9").env("PATRON_SECRET", testing::rig::SECRET);
        let output = command.output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(!output.status.success() && said.contains(words), "{words} was expected: {said}");
        Ok(())
    };
    refused(&[("PATRON_TLS_CERT", &cert)], "PATRON_TLS_CERT and PATRON_TLS_KEY belong together")?;
    refused(&[("PATRON_HTTP_TLS_KEY", &key)], "PATRON_HTTP_TLS_CERT and PATRON_HTTP_TLS_KEY belong together")?;
    refused(&[("PATRON_TLS_CERT", &roots), ("PATRON_TLS_KEY", &key)], "do not fit together")?;
    refused(&[("PATRON_TLS_CA", "/nowhere.crt")], "/nowhere.crt cannot be read")?;
    refused(&[("PATRON_TLS_CA", &key)], "no certificate in")?;
    refused(&[("PATRON_IDENTITY_URL", "https://127.0.0.1:9")], "https needs to know whom to trust")
}
