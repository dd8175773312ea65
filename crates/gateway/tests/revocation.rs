//! A revoked session ends at once, wherever it was used last.
mod support;

use bytes::Bytes;
use http::StatusCode;
use prost::{Message, Name};
use proto::identity::v1::SessionRevoked;
use support::House;
use tokio_util::sync::CancellationToken;

/// ID-9, ID-10: what the gateway remembers of a session does not outlive it, whether a request ended it or something that
/// only has an event.
#[tokio::test]
async fn a_revoked_session_is_not_remembered() -> anyhow::Result<()> {
    let broker = std::env::var("PATRON_TEST_NATS_URL")?;
    let house = House::with(|settings| settings.nats_url = broker, Vec::new()).await?;
    let stop = CancellationToken::new();
    for task in &house.tasks {
        tokio::spawn(task(stop.clone()));
    }
    let ask = || house.get("/admin/v1/products", "authorization: Bearer staff_ok");
    let event = SessionRevoked { session: "ses_test".to_owned(), ..SessionRevoked::default() };
    let told =
        [("patron.revoked".to_owned(), "ses_test".into()), (SessionRevoked::full_name(), event.encode_to_vec().into())];
    for (subject, payload) in told {
        assert_eq!(ask().await?.status, StatusCode::OK);
        let known = house.exchanged();
        assert_eq!((ask().await?.status, house.exchanged()), (StatusCode::OK, known));
        // The subscription may take a moment to be there; once it is, identity is asked again.
        while house.exchanged() == known {
            house.env.nats().publish(subject.clone(), Bytes::clone(&payload)).await?;
            house.env.nats().flush().await?;
            assert_eq!(ask().await?.status, StatusCode::OK);
        }
    }
    stop.cancel();
    Ok(())
}
