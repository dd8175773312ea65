//! Counts what the service does: statements and hashes, by what it tells of them.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tracing::{Event, Subscriber, subscriber::DefaultGuard};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

use crate::house::House;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub statements: usize,
    pub hashes: usize,
    pub letters: usize,
}

#[derive(Clone, Default)]
struct Counts(Arc<(AtomicUsize, AtomicUsize)>);

impl<S: Subscriber> Layer<S> for Counts {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        match event.metadata().target() {
            "sqlx::query" => self.0.0.fetch_add(1, Ordering::SeqCst),
            "identity::password::hasher" => self.0.1.fetch_add(1, Ordering::SeqCst),
            _ => 0,
        };
    }
}

/// Counts on this thread, which is the only one of a test.
pub struct Work {
    counts: Counts,
    _guard: DefaultGuard,
}

impl Work {
    pub fn watch() -> Self {
        let counts = Counts::default();
        let guard = tracing::subscriber::set_default(registry().with(counts.clone()));
        Self { counts, _guard: guard }
    }

    fn count(&self, house: &House) -> Done {
        let (statements, hashes) = (&self.counts.0.0, &self.counts.0.1);
        Done {
            statements: statements.load(Ordering::SeqCst),
            hashes: hashes.load(Ordering::SeqCst),
            letters: house.letters.all().len(),
        }
    }

    /// What `act` does, and what it answers.
    pub async fn of<T>(&self, house: &House, act: impl Future<Output = T>) -> (Done, T) {
        let before = self.count(house);
        let answer = act.await;
        let after = self.count(house);
        let done = Done {
            statements: after.statements - before.statements,
            hashes: after.hashes - before.hashes,
            letters: after.letters - before.letters,
        };
        (done, answer)
    }
}
