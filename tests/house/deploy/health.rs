//! The health check of the image, which has neither shell nor curl.
use std::{env, process::Command};

use e2e::House;

/// Whether the image's health check is content with the process whose operators' listener is at `url`.
fn is_content(url: &str) -> bool {
    let binary = env::var_os("PATRON_BIN").expect("PATRON_BIN is not set: run `cargo xtask test`");
    let listener = url.trim_start_matches("http://");
    // On every address, as in a container.
    let everywhere = listener.replace("127.0.0.1", "0.0.0.0");
    let check = Command::new(binary).arg("ready").env_clear().env("PATRON_OPS_LISTEN", everywhere).output();
    check.expect("the binary").status.success()
}

#[tokio::test]
async fn containers_are_healthy_while_their_process_is_ready() -> anyhow::Result<()> {
    let mut house = House::one().await?;
    let url = house.ops("gateway");
    assert!(is_content(&url));
    house.kill("gateway")?;
    assert!(!is_content(&url));
    Ok(())
}

/// The command that the test above runs is the one that the image names.
#[test]
fn the_image_asks_the_same() {
    let text = std::fs::read_to_string(super::manifest::at("deploy/Dockerfile")).expect("the Dockerfile");
    assert!(text.contains(r#"CMD ["/usr/local/bin/patron", "ready"]"#));
    assert!(text.contains("USER 65532:65532"), "a number, so that Kubernetes can see that it is not root");
}
