//! Waiting for what happens by itself, such as an event that is carried.
use std::time::{Duration, Instant};

/// How long something may take that usually takes milliseconds; a slow machine must not fail a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `probe` until it has an answer; fails with `what` when it never has.
pub async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let started = Instant::now();
    loop {
        match probe().await {
            Ok(Some(found)) => return Ok(found),
            outcome if started.elapsed() > PATIENCE => {
                outcome?;
                anyhow::bail!("waited in vain: {what}");
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
