//! What operators rely on: probes, metrics, drain.
use std::time::Duration;

use e2e::{Form, House, Shop, eventually};
use serde_json::json;

/// PL-5: probes answer on every process, metrics on the internal listener only.
#[tokio::test]
async fn probes_and_metrics_are_where_they_belong() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    for name in ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews", "gateway"] {
        for probe in ["livez", "readyz"] {
            assert_eq!(reqwest::get(format!("{}/{probe}", house.ops(name))).await?.status(), 200, "{name}");
        }
    }
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let metrics = reqwest::get(format!("{}/metrics", house.ops("orders"))).await?.text().await?;
    assert!(
        metrics.contains("rpc_requests_total{method=\"/patron.orders.v1.CheckoutService/CaptureCheckout\""),
        "{metrics}"
    );
    let outside = reqwest::get(format!("{}/metrics", house.http.base())).await?;
    assert_eq!(outside.status(), 404);
    Ok(())
}

/// PL-5: no personal data and no token reaches the logs.
#[tokio::test]
async fn logs_say_nothing_about_people() -> anyhow::Result<()> {
    let house = House::start(Form::One, vec![("PATRON_LOG", "debug,sqlx=debug,h2=info,hyper=info".to_owned())]).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (rita, account) = shop.register("rita.secret@example.com", "Rita Geheim").await?;
    rita.buy(&mug, "rita.secret@example.com").await?;
    e2e::mail::arrival(&house, "rita.secret@example.com", "Product MUG").await?;
    let log = house.log("gateway");
    assert!(log.contains("serving"), "there is a log");
    let token = account["token"].as_str().unwrap_or_default();
    for secret in
        ["rita.secret@example.com", "Rita Geheim", "Unter den Linden", "+4930901820", token, &shop.owner.token]
    {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} in {line:?}");
    }
    Ok(())
}

/// PL-1: told to stop, a process finishes the request under way, then ends by itself without an error.
#[tokio::test]
async fn a_stopping_house_finishes_what_it_began() -> anyhow::Result<()> {
    let mut house = House::one().await?;
    let capture = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let mug = shop.product("MUG", 1_000).await?;
        let cart = shop.guest().cart(&mug, 1).await?;
        let token = shop.guest().checkout(&cart, "ada@example.com", "test").await?;
        let request = shop.guest().request(reqwest::Method::POST, "checkouts/capture");
        // The gateway of this method answers late, so that the stop comes in between.
        request.json(&json!({ "token": token, "payment_method": "pm_test_timeout" }))
    };
    let capture = tokio::spawn(capture.send());
    let orders = house.tables("orders").await?;
    eventually("the payment has begun", || async {
        let begun: i64 = sqlx::query_scalar("select count(*) from payments").fetch_one(&orders).await?;
        Ok((begun == 1).then_some(()))
    })
    .await?;
    let status = tokio::time::timeout(Duration::from_mins(1), house.stop("gateway")).await??;
    assert!(status.success(), "{status}: {}", house.log("gateway"));
    assert_eq!(capture.await??.status(), 202);
    Ok(())
}

/// A house that cannot start says why in one line, without a stack trace.
#[tokio::test]
async fn a_start_that_fails_says_why() -> anyhow::Result<()> {
    let binary = std::env::var("PATRON_BIN")?;
    let run = |args: &[&str], envs: &[(&str, &str)]| {
        let mut command = std::process::Command::new(&binary);
        command.args(args).env_clear().envs(envs.iter().copied()).output()
    };
    let missing = run(&["run"], &[])?;
    assert!(!missing.status.success());
    assert!(String::from_utf8_lossy(&missing.stderr).contains("--database-url"));
    let (database, broker) = ("postgres://nobody@127.0.0.1:9/none", "nats://127.0.0.1:9");
    let settings = [("PATRON_DATABASE_URL", database), ("PATRON_NATS_URL", broker), ("PATRON_SECRET", "short")];
    let short = run(&["run"], &settings)?;
    assert_eq!(short.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&short.stderr).contains("64 hexadecimal digits"));
    let unknown = run(&["run", "ghosts"], &[("PATRON_SECRET", testing::rig::SECRET), settings[0], settings[1]])?;
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no service ghosts"));
    let alone = run(&["run", "orders"], &[("PATRON_SECRET", testing::rig::SECRET), settings[0], settings[1]])?;
    assert!(String::from_utf8_lossy(&alone.stderr).contains("PATRON_"), "{}", String::from_utf8_lossy(&alone.stderr));
    Ok(())
}
