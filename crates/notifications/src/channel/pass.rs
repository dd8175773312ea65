//! What a provider is shown instead of the key itself: made with it, good for a while, kept until shortly before its end.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::message::Trouble;

/// A pass. Clones share it.
#[derive(Clone, Default)]
pub struct Pass(Arc<Mutex<Option<Kept>>>);

/// The pass, and until when it is shown.
type Kept = (Arc<str>, DateTime<Utc>);

impl Pass {
    /// The pass as it is at `now`; one made by `make`, which says until when to show it, if there is none. Whoever
    /// comes meanwhile waits for it.
    pub async fn get(
        &self,
        now: DateTime<Utc>,
        make: impl Future<Output = Result<(String, DateTime<Utc>), Trouble>>,
    ) -> Result<Arc<str>, Trouble> {
        let mut kept = self.0.lock().await;
        if let Some((pass, _)) = kept.as_ref().filter(|(_, until)| now < *until) {
            return Ok(Arc::clone(pass));
        }
        let (pass, until) = make.await?;
        let pass: Arc<str> = pass.into();
        *kept = Some((Arc::clone(&pass), until));
        Ok(pass)
    }

    /// Forgets the pass that was `refused`, unless there is another one by now.
    pub async fn forget(&self, refused: &str) {
        let mut kept = self.0.lock().await;
        if kept.as_ref().is_some_and(|(pass, _)| **pass == *refused) {
            *kept = None;
        }
    }
}
