//! A revoked session ends at once, wherever it was used last.
mod support;

use http::StatusCode;
use support::House;
use tokio_util::sync::CancellationToken;

/// ID-10: what the gateway remembers of a session does not outlive it.
#[tokio::test]
async fn a_revoked_session_is_not_remembered() -> anyhow::Result<()> {
    let broker = std::env::var("PATRON_TEST_NATS_URL")?;
    let house = House::with(|settings| settings.nats_url = broker, Vec::new()).await?;
    let stop = CancellationToken::new();
    for task in &house.tasks {
        tokio::spawn(task(stop.clone()));
    }
    let ask = || house.get("/admin/v1/products", "authorization: Bearer staff_ok");
    assert_eq!(ask().await?.status, StatusCode::OK);
    assert_eq!((ask().await?.status, house.exchanged()), (StatusCode::OK, 1));
    // The subscription may take a moment to be there; once it is, identity is asked again.
    while house.exchanged() == 1 {
        house.env.nats().publish("patron.revoked", "ses_test".into()).await?;
        house.env.nats().flush().await?;
        assert_eq!(ask().await?.status, StatusCode::OK);
    }
    stop.cancel();
    Ok(())
}
