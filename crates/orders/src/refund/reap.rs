//! Finishes every refund that was left hanging by a crash or a time-out.
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Finisher, store};
use crate::error::Error;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Works until `stop`. May run in many processes.
pub async fn reap(finisher: Finisher, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = round(&finisher).await {
            tracing::warn!(error.detail = ?error, "hanging refunds could not be looked at");
        }
    }
}

/// Asks again about refunds whose time is up, about a handful at once: a gateway that knows one says what became of it.
async fn round(finisher: &Finisher) -> Result<(), Error> {
    let mut underway = JoinSet::new();
    for refund in store::take_over(finisher.db.pool(), &finisher.clock).await? {
        let finisher = finisher.clone();
        underway.spawn(async move {
            if let Err(error) = finisher.finish(&refund).await {
                tracing::warn!(error.detail = ?error, refund.id = %refund.id, "a hanging refund waits");
            }
        });
    }
    underway.join_all().await;
    Ok(())
}
