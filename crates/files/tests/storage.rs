//! The same of a folder and of a bucket, which a server that speaks as S3 does holds.
use std::{
    env,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use base::{customer_key::CustomerKey, ids::CustomerId};
use chrono::DateTime;
use files::{FileSettings, Files};
use tempfile::TempDir;

/// What is more than two parts of an upload, and no multiple of any block.
const LONG: usize = 20 * 1024 * 1024 + 17;

/// A server that holds buckets; it ends with this.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start() -> anyhow::Result<Self> {
        let tools = env::var_os("PATRON_PYTHON_TOOLS").context("run `cargo xtask test`, which installs moto")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(Path::new(&tools).join("bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { child: command.spawn()?, address: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        // A bucket is made by whoever owns the storage; this one asks nobody who they are.
        while reqwest::Client::new().put(format!("{}/shop", server.address)).send().await.is_err() {
            ensure!(begun.elapsed() < Duration::from_mins(1), "moto does not listen");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(server)
    }
}

fn settings(folder: &TempDir, server: Option<&Server>) -> FileSettings {
    FileSettings {
        files_dir: folder.path().to_owned(),
        files_bucket: server.map(|_| "s3://shop/of/patron".to_owned()),
        files_endpoint: server.map(|server| server.address.clone()),
        files_region: "us-east-1".to_owned(),
        files_key_id: Some("id".to_owned()),
        files_key: Some("key".to_owned()),
        files_path_style: true,
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from(place % 251).unwrap_or_default()).collect()
}

async fn holds_plain_files(files: &Files) -> anyhow::Result<()> {
    let long = bytes(LONG);
    for (name, content) in [("a/short", &long[..100]), ("a/none", &[]), ("a/long", &long)] {
        let mut upload = files.begin(name)?;
        for part in content.chunks(3 * 1024 * 1024) {
            upload.add(part).await?;
        }
        ensure!(content.is_empty() || files.read(name, 0, 1).await?.is_none(), "{name} is seen before its end");
        ensure!(upload.end().await? == content.len() as u64, "{name}");
    }
    ensure!(files.read("a/short", 10, 20).await?.as_deref() == Some(&long[10..30]));
    ensure!(files.read("a/long", 9_000_000, 5).await?.as_deref() == Some(&long[9_000_000..9_000_005]));
    files.begin("a/short")?.end().await?;
    for name in ["a/short", "a/long", "a/none", "a/never"] {
        files.remove(name).await?;
        ensure!(files.read(name, 0, 1).await?.is_none(), "{name}");
    }
    Ok(())
}

async fn leaves_nothing_of_what_is_given_up(files: &Files) -> anyhow::Result<()> {
    let mut upload = files.begin("b/half")?;
    upload.add(&bytes(LONG)).await?;
    upload.give_up().await;
    ensure!(files.read("b/half", 0, 1).await?.is_none());
    files.remove("b/half").await?;
    Ok(())
}

async fn seals_what_is_about_somebody(files: &Files) -> anyhow::Result<()> {
    let key = CustomerKey::fresh(CustomerId::new(DateTime::UNIX_EPOCH));
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, LONG] {
        let (name, plain) = (format!("c/{length}"), bytes(length));
        let mut sealing = files.begin_sealed(&name, key.clone())?;
        for part in plain.chunks(100_000) {
            sealing.add(part).await?;
        }
        let size = sealing.end().await?;
        ensure!(size == length as u64);
        let whole = files.read_sealed((&name, size), &key, (0, size + 9)).await?;
        ensure!(whole.as_deref() == Some(&plain[..]), "{length}");
        for from in [length / 2, length.saturating_sub(3)] {
            let part = files.read_sealed((&name, size), &key, (from as u64, 70_000)).await?;
            ensure!(part.as_deref() == Some(&plain[from..length.min(from + 70_000)]), "{length} from {from}");
        }
        let kept = files.read(&name, 0, 1_000).await?.context("sealed bytes")?;
        ensure!(length < 100 || !kept.windows(32).any(|part| part == &plain[..32]), "the bytes lie open");
    }
    let other = CustomerKey::fresh(key.customer());
    ensure!(files.read_sealed(("c/65537", 65_537), &other, (0, 9)).await.is_err(), "another key opens it");
    ensure!(files.read_sealed(("c/131072", 65_536), &key, (0, 9)).await.is_err(), "a file that was cut short is whole");
    ensure!(files.read_sealed(("c/never", 5), &key, (0, 5)).await?.is_none());
    Ok(())
}

async fn does_all(files: &Files) -> anyhow::Result<()> {
    holds_plain_files(files).await?;
    leaves_nothing_of_what_is_given_up(files).await?;
    seals_what_is_about_somebody(files).await
}

/// ST-2, EX-2: a folder holds what is handed to it, opens it to nobody without the key, and nothing is left of the rest.
#[tokio::test]
async fn a_folder_holds_files() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = Files::open(&settings(&folder, None), None)?;
    does_all(&files).await?;
    std::fs::write(folder.path().join("c").join("1#7"), "half")?;
    files.remove("c/1").await?;
    ensure!(!folder.path().join("c/1#7").exists(), "what a dead writer left stays");
    Ok(())
}

/// The same in a bucket; nothing lies on the machine itself.
#[tokio::test]
async fn a_bucket_holds_files() -> anyhow::Result<()> {
    let (folder, server) = (tempfile::tempdir()?, Server::start().await?);
    does_all(&Files::open(&settings(&folder, Some(&server)), None)?).await?;
    ensure!(std::fs::read_dir(folder.path())?.next().is_none());
    let gone = Files::open(
        &FileSettings { files_bucket: Some("s3://other".into()), ..settings(&folder, Some(&server)) },
        None,
    )?;
    ensure!(gone.begin("a")?.end().await.is_err(), "a bucket that is not there takes files");
    let shut = FileSettings { files_endpoint: Some("http://127.0.0.1:9".into()), ..settings(&folder, Some(&server)) };
    ensure!(Files::open(&shut, None)?.read("a", 0, 1).await.is_err(), "nobody answers for the storage");
    Ok(())
}
