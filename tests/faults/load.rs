//! A steady load: people who buy, who look and who give money back, months that pass, and Stripe that tells, until
//! they are told to stop; what is under way is finished.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::{JoinHandle, JoinSet};

use crate::{
    buyer::Buyer,
    fault::Fault,
    front::Front,
    giver::Giver,
    ledger::{Ledger, Notes},
    months,
    reader::Reader,
    scale::Scale,
    till::Till,
};

/// A load under way.
pub struct Load {
    ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
    people: JoinSet<()>,
    /// Gives something back when all have bought.
    last: Giver,
    /// Tells what happens at Stripe until everybody else has gone.
    teller: JoinHandle<()>,
    gone: Arc<AtomicBool>,
    started: Instant,
}

impl Load {
    /// Sends everybody off.
    pub fn begin(
        (front, till, database): (&Front, &Till, String),
        ledger: Ledger,
        (fault, scale): (&Fault, &Scale),
    ) -> Self {
        let ledger = Arc::new(ledger);
        let (stop, mut people) = (Arc::<AtomicBool>::default(), JoinSet::new());
        let crowd = Crowd { front: front.clone(), ledger: ledger.clone(), stop: stop.clone() };
        crowd.buy(&mut people, (fault, scale));
        crowd.look(&mut people, scale);
        crowd.give(&mut people, scale);
        let (over, due) = (stop.clone(), ledger.clone());
        people.spawn(async move { due.came_due(months::pass(&database, || over.load(Ordering::Relaxed)).await) });
        let last = Giver { front: front.clone(), ledger: ledger.clone() };
        let gone = Arc::<AtomicBool>::default();
        let (till, front, book, over) = (till.clone(), front.clone(), ledger.clone(), gone.clone());
        let teller = tokio::spawn(async move { till.tell((&front, &*book), || over.load(Ordering::Relaxed)).await });
        Self { ledger, stop, people, last, teller, gone, started: Instant::now() }
    }

    /// Lets everybody finish; answers what they have seen, of which orders nothing was given back, and when the load began and
    /// was told to end.
    pub async fn end(self) -> (Notes, Vec<String>, (Instant, Instant)) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = Instant::now();
        self.people.join_all().await;
        self.last.give(1).await;
        self.gone.store(true, Ordering::Relaxed);
        if let Err(error) = self.teller.await {
            self.ledger.complain(format!("who tells for Stripe: {error}"));
        }
        (self.ledger.notes(), self.ledger.left(), (self.started, ended))
    }
}

/// Who they all are.
struct Crowd {
    front: Front,
    ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
}

impl Crowd {
    fn buy(&self, people: &mut JoinSet<()>, (fault, scale): (&Fault, &Scale)) {
        let bought = Arc::default();
        for place in 0..scale.buyers {
            // Half of them, so that those who pay the usual way show whether they are held up.
            let odd = fault.payment_method().filter(|_| place % 2 == 0);
            let (gateway, method) = match odd {
                None if place % 3 == 1 => ("stripe", "pm_card_visa"),
                method => ("test", method.unwrap_or("pm_test_ok")),
            };
            let buyer = Buyer { front: self.front.clone(), ledger: self.ledger.clone(), method, gateway };
            let turn = Turn::of(&self.stop, &bought, scale.pause);
            people.spawn(async move {
                while let Some(number) = turn.next().await {
                    buyer.buy(number).await;
                }
            });
        }
    }

    fn look(&self, people: &mut JoinSet<()>, scale: &Scale) {
        let looked = Arc::default();
        for place in 0..scale.readers {
            // Several at once with one account would be told that these are too many tries.
            let reader = Reader { front: self.front.clone(), ledger: self.ledger.clone(), signs_in: place == 0 };
            let turn = Turn::of(&self.stop, &looked, scale.pause);
            people.spawn(async move {
                while let Some(number) = turn.next().await {
                    reader.look(number).await;
                }
            });
        }
    }

    fn give(&self, people: &mut JoinSet<()>, scale: &Scale) {
        let gave = Arc::default();
        for _ in 0..scale.givers {
            let giver = Giver { front: self.front.clone(), ledger: self.ledger.clone() };
            let turn = Turn::of(&self.stop, &gave, scale.pause * 4);
            people.spawn(async move {
                while let Some(number) = turn.next().await {
                    giver.give(number).await;
                }
            });
        }
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
