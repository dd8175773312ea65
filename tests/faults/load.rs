//! A steady load: people who buy and people who look, until they are told to stop; purchases under way are finished.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    buyer::Buyer,
    fault::Fault,
    front::Front,
    ledger::{Ledger, Notes},
    reader::Reader,
    scale::Scale,
};

/// A load under way.
pub struct Load {
    ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
    people: JoinSet<()>,
    started: Instant,
}

impl Load {
    /// Sends everybody off.
    pub fn begin(front: &Front, fault: &Fault, scale: &Scale) -> Self {
        let ledger = Arc::new(Ledger::new(fault.breaks_connections()));
        let (stop, mut people) = (Arc::<AtomicBool>::default(), JoinSet::new());
        let (bought, looked) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        for place in 0..scale.buyers {
            // Half of them, so that those who pay the usual way show whether they are held up.
            let method = fault.payment_method().filter(|_| place % 2 == 0).unwrap_or("pm_test_ok");
            let buyer = Buyer { front: front.clone(), ledger: ledger.clone(), method };
            let turn = Turn::of(&stop, &bought, scale.pause);
            people.spawn(async move {
                while let Some(number) = turn.next().await {
                    buyer.buy(number).await;
                }
            });
        }
        for place in 0..scale.readers {
            // Several at once with one account would be told that these are too many tries.
            let reader = Reader { front: front.clone(), ledger: ledger.clone(), signs_in: place == 0 };
            let turn = Turn::of(&stop, &looked, scale.pause);
            people.spawn(async move {
                while let Some(number) = turn.next().await {
                    reader.look(number).await;
                }
            });
        }
        Self { ledger, stop, people, started: Instant::now() }
    }

    /// Lets everybody finish; answers what they have seen and when the load began and was told to end.
    pub async fn end(self) -> (Notes, Instant, Instant) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = Instant::now();
        self.people.join_all().await;
        (self.ledger.notes(), self.started, ended)
    }
}

/// Whose turn it is next, and whether there is one.
struct Turn {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
    pause: Duration,
}

impl Turn {
    fn of(stop: &Arc<AtomicBool>, count: &Arc<AtomicUsize>, pause: Duration) -> Self {
        Self { stop: stop.clone(), count: count.clone(), pause }
    }

    async fn next(&self) -> Option<usize> {
        tokio::time::sleep(self.pause).await;
        (!self.stop.load(Ordering::Relaxed)).then(|| self.count.fetch_add(1, Ordering::Relaxed))
    }
}
