//! The delivery: what fails is tried again, what is sent is sent once.
use std::{fs, sync::Arc};

use chrono::TimeDelta;
use kit::{clock::Clock, ids::MessageId};
use notifications::{delivery, store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::mailroom::Mailroom;

/// NO-1: a channel that does not work is tried again, later and later, until it works.
#[tokio::test]
async fn what_fails_is_tried_again() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    fs::write(room.folder("mail"), "a file where the folder should be")?;
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    for pause in [2, 4] {
        assert_eq!(room.delivery.send_due().await?, 1);
        assert_eq!(room.read(&id).await?.status, "queued");
        room.rig.clock.advance(TimeDelta::seconds(pause) - TimeDelta::microseconds(1));
        assert_eq!(room.delivery.send_due().await?, 0);
        room.rig.clock.advance(TimeDelta::microseconds(1));
    }
    fs::remove_file(room.folder("mail"))?;
    assert_eq!(room.delivery.send_due().await?, 1);
    assert_eq!((room.read(&id).await?.status.as_str(), room.files("mail")?.len()), ("sent", 1));
    Ok(())
}

/// ID-6: a code that could not be sent while it lived is given up, and its secret forgotten.
#[tokio::test]
async fn a_dead_code_is_given_up() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    fs::write(room.folder("mail"), "a file where the folder should be")?;
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    room.rig.clock.advance(TimeDelta::minutes(10));
    room.delivery.send_due().await?;
    let logged = room.read(&id).await?;
    assert_eq!((logged.status.as_str(), logged.events.len()), ("failed", 2));
    let (failure, sealed): (String, Option<Vec<u8>>) =
        sqlx::query_as("select failure, secrets from messages").fetch_one(room.db.pool()).await?;
    assert_eq!((failure.as_str(), sealed, room.published("MessageFailed").await?), ("gave_up", None, 1));
    Ok(())
}

/// PL-1, PL-2: two processes share the queue; each message is taken by one of them.
#[tokio::test]
async fn two_deliveries_do_not_meet() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    for _ in 0..40 {
        room.send(room.code("sms", "+49301234567")).await?;
    }
    let work = || async {
        let mut sent = 0;
        loop {
            match room.delivery.send_due().await? {
                0 => return anyhow::Ok(sent),
                count => sent += count,
            }
        }
    };
    let (first, second) = tokio::join!(work(), work());
    assert_eq!((first? + second?, room.files("sms")?.len()), (40, 40));
    let attempts: i64 = sqlx::query_scalar("select sum(attempts) from messages").fetch_one(room.db.pool()).await?;
    assert_eq!((attempts, room.published("MessageSent").await?), (40, 40));
    Ok(())
}

/// PL-2: whoever takes a message and dies leaves it to the others when its lease ends.
#[tokio::test]
async fn a_dead_deliverys_message_is_taken_over() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    room.send(room.code("email", "ada@example.com")).await?;
    let (pool, clock) = (room.db.pool(), &room.rig.clock);
    let taken = store::claim(pool, clock, TimeDelta::seconds(60), 10).await?;
    assert_eq!((taken.len(), room.delivery.send_due().await?), (1, 0));
    room.rig.clock.advance(TimeDelta::seconds(60));
    assert_eq!((room.delivery.send_due().await?, room.only().await?.status.as_str()), (1, "sent"));
    // The first wakes up again: it is too late to record anything.
    store::postpone(pool, &taken[0], clock, TimeDelta::zero()).await?;
    assert_eq!(room.delivery.send_due().await?, 0);
    Ok(())
}

/// PL-1, PL-2: processes whose clocks differ share one lease: a fast clock does not end it early, a slow one takes what
/// is due.
#[tokio::test]
async fn clocks_that_differ_share_a_lease() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    room.send(room.code("email", "ada@example.com")).await?;
    let pool = room.db.pool();
    sqlx::query("update messages set next_attempt_at = statement_timestamp()").execute(pool).await?;
    let [slow, fast] = [-120, 120].map(|offset| Clock::system(TimeDelta::seconds(offset)));
    let lease = TimeDelta::seconds(60);
    assert_eq!(store::claim(pool, &slow, lease, 10).await?.len(), 1);
    assert_eq!(store::claim(pool, &fast, lease, 10).await?.len(), 0);
    Ok(())
}

/// PL-2: a crash between handing over and recording repeats the very same mail, which the folder keeps once.
#[tokio::test]
async fn a_repetition_is_the_same_mail() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let order = room.order();
    room.place(&order).await?;
    room.orders.open(vec![order]);
    room.delivery.send_due().await?;
    let first = room.files("mail")?;
    sqlx::query("update messages set status = 'queued', next_attempt_at = created_at").execute(room.db.pool()).await?;
    room.rig.clock.advance(TimeDelta::minutes(1));
    assert_eq!(room.delivery.send_due().await?, 1);
    assert_eq!(room.files("mail")?, first);
    let id: MessageId = room.only().await?.id.parse()?;
    assert!(first[0].contains(&format!("Message-ID: <{id}@example.com>")));
    Ok(())
}

/// The task sends what is queued without being asked, and ends when it is told to.
#[tokio::test]
async fn the_task_sends_by_itself() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let stop = CancellationToken::new();
    let task = tokio::spawn(delivery::run(room.delivery.clone(), Arc::new(Notify::new()), stop.clone()));
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    while room.read(&id).await?.status != "sent" {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    Ok(task.await?)
}
