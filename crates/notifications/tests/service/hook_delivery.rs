//! The delivery to webhooks: what fails is tried again, what is sent is sent once.
use std::time::Duration;

use chrono::TimeDelta;
use kit::failure::Told;
use proto::{
    customers::v1::CustomerCreated,
    notifications::v1::{
        ChangeWebhookRequest, HookDelivery, ListHookDeliveriesRequest, RecoverWebhookRequest, RedeliverHookRequest,
        TestWebhookRequest,
    },
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::hooks::{Hooks, is_signed};

/// NO-5: an event is told as Standard Webhooks have it, once however often it comes; of others nothing is told.
#[tokio::test]
async fn an_event_is_told_once() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/orders?from=patron", &["order.placed"]).await?;
    let placed = hooks.placed();
    let event = hooks.hear(&placed).await?;
    hooks.hear_again(&event).await?;
    hooks.hear(&CustomerCreated { realm: placed.realm.clone(), at: placed.at, ..Default::default() }).await?;
    assert_eq!((hooks.posting.send_due().await?, hooks.posting.send_due().await?), (1, 0));
    let sent = hooks.receiver.messages();
    assert!(sent.len() == 1 && is_signed(&sent[0], &made.secret), "{sent:?}");
    let (asked, body) = (&sent[0], sent[0].json());
    assert_eq!((asked.path.as_str(), asked.header("content-type")), ("/orders", "application/json"));
    assert_eq!(asked.header("webhook-id"), body["id"]);
    assert_eq!((body["type"].as_str(), body["store"].as_str()), (Some("order.placed"), Some(placed.store.as_str())));
    assert_eq!(body["data"]["total"], json!({ "amount": 1999, "currency": "EUR" }));
    assert_eq!(body["timestamp"], "2026-03-02T12:00:00.000Z");
    let log = hooks.log(&made.id).await?;
    let one = hooks.detail(&log[0]).await?;
    assert_eq!((one.state.as_str(), one.attempts, one.status, one.log.len()), ("delivered", 1, 200, 1));
    assert_eq!((one.body, one.event_id), (asked.body.clone(), asked.header("webhook-id").to_owned()));
    Ok(())
}

/// NO-5: what fails is tried again, at the edge of each pause and no earlier, for more than a day; then it has failed.
#[tokio::test]
async fn what_fails_is_tried_for_a_day() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &[]).await?;
    hooks.hear(&hooks.placed()).await?;
    let began = hooks.room.rig.clock.now();
    for attempt in 1..=8 {
        hooks.receiver.refuse(500, None, json!({ "trouble": "ada@example.com" }));
        assert_eq!(hooks.posting.send_due().await?, 1, "attempt {attempt}");
        let one = &hooks.log(&made.id).await?[0];
        assert_eq!((one.status, one.error.as_str(), one.attempts), (500, "server_error", attempt));
        let Some(next) = one.next_attempt_at.as_ref().and_then(kit::clock::datetime) else { break };
        hooks.room.rig.clock.advance(next - hooks.room.rig.clock.now() - TimeDelta::microseconds(1));
        assert_eq!(hooks.posting.send_due().await?, 0, "too early for attempt {}", attempt + 1);
        hooks.room.rig.clock.advance(TimeDelta::microseconds(1));
    }
    assert!(hooks.room.rig.clock.now() - began >= TimeDelta::hours(24));
    let one = hooks.detail(&hooks.log(&made.id).await?[0]).await?;
    assert_eq!((one.state.as_str(), one.log.len(), hooks.posting.send_due().await?), ("failed", 8, 0));
    let sent = hooks.receiver.messages();
    assert!(sent.len() == 8 && sent.iter().all(|asked| asked.header("webhook-id") == one.event_id));
    // Of what was answered nothing is kept: it might say anything of anybody.
    assert!(!format!("{one:?}").contains("ada"));
    Ok(())
}

/// NO-5: whoever asks for a pause is given it.
#[tokio::test]
async fn a_pause_is_granted() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    hooks.make("/x", &[]).await?;
    hooks.hear(&hooks.placed()).await?;
    hooks.receiver.refuse(429, Some(90), json!({}));
    assert_eq!(hooks.posting.send_due().await?, 1);
    hooks.room.rig.clock.advance(TimeDelta::seconds(90) - TimeDelta::microseconds(1));
    assert_eq!(hooks.posting.send_due().await?, 0);
    hooks.room.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(hooks.posting.send_due().await?, 1);
    Ok(())
}

/// NO-5: 410 switches a webhook off at once, and what waits for it is given up; nobody is followed elsewhere.
#[tokio::test]
async fn gone_is_gone() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &[]).await?;
    hooks.hear(&hooks.placed()).await?;
    hooks.receiver.refuse(302, None, json!({}));
    hooks.posting.send_due().await?;
    assert_eq!(hooks.log(&made.id).await?[0].error, "redirected");
    hooks.room.rig.clock.advance(TimeDelta::seconds(1));
    hooks.hear(&hooks.placed()).await?;
    hooks.receiver.refuse(410, None, json!({}));
    hooks.posting.send_due().await?;
    let webhook = hooks.look(&made.id).await?;
    assert_eq!((webhook.enabled, webhook.disabled_reason.as_str(), webhook.version), (false, "gone", 2));
    hooks.hear(&hooks.placed()).await?;
    hooks.room.rig.clock.advance(TimeDelta::hours(1));
    assert_eq!(hooks.posting.send_due().await?, 0);
    hooks.sweeper.sweep().await?;
    let log = hooks.log(&made.id).await?;
    let states: Vec<_> = log.iter().map(|one| (one.state.as_str(), one.error.as_str())).collect();
    assert_eq!(states, [("failed", "gone"), ("failed", "disabled")]);
    assert!(hooks.room.recorded().await?.contains(&"webhook.disabled".to_owned()));
    Ok(())
}

/// NO-5: a webhook that fails everything for five days is switched off, to the second, and its owners are told once.
#[tokio::test]
async fn five_days_of_failing_are_enough() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &["order.placed"]).await?;
    let fail = || async {
        hooks.hear(&hooks.placed()).await?;
        hooks.receiver.refuse(503, None, json!({}));
        hooks.posting.send_due().await.map_err(anyhow::Error::from)
    };
    fail().await?;
    sqlx::query("update hook_deliveries set state = 'failed', next_attempt_at = null, settled_at = now()")
        .execute(hooks.db().pool())
        .await?;
    hooks.room.rig.clock.advance(TimeDelta::days(5) - TimeDelta::microseconds(1));
    fail().await?;
    assert!(hooks.look(&made.id).await?.enabled);
    hooks.room.rig.clock.advance(TimeDelta::microseconds(1));
    fail().await?;
    let webhook = hooks.look(&made.id).await?;
    assert_eq!((webhook.enabled, webhook.disabled_reason.as_str()), (false, "failing"));
    hooks.sweeper.sweep().await?;
    hooks.sweeper.sweep().await?;
    let told: Vec<String> = sqlx::query_scalar("select recipient from messages where template = 'webhook_disabled'")
        .fetch_all(hooks.db().pool())
        .await?;
    assert_eq!(told, ["owner@example.com"]);
    hooks.room.delivery.send_due().await?;
    assert!(hooks.room.files("mail")?.iter().any(|mail| mail.contains("webhook") && mail.contains("five days")));
    // Switched on, it counts as working until it fails for five days again.
    let on = ChangeWebhookRequest { id: made.id.clone(), enabled: Some(true), ..Default::default() };
    hooks.webhooks.clone().change_webhook(hooks.staff(on)).await?;
    fail().await?;
    assert!(hooks.look(&made.id).await?.enabled);
    Ok(())
}

/// PL-2, NO-5: whoever dies between sending and recording leaves a delivery that is sent again, under the same id.
#[tokio::test]
async fn what_was_not_recorded_is_sent_again() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &[]).await?;
    hooks.hear(&hooks.placed()).await?;
    // Nothing can be recorded: the way a process that dies leaves it.
    sqlx::query("alter table hook_attempts rename to hook_attempts_").execute(hooks.db().pool()).await?;
    assert_eq!(hooks.posting.send_due().await?, 1);
    sqlx::query("alter table hook_attempts_ rename to hook_attempts").execute(hooks.db().pool()).await?;
    assert_eq!((hooks.receiver.messages().len(), hooks.posting.send_due().await?), (1, 0));
    hooks.room.rig.clock.advance(TimeDelta::seconds(60) - TimeDelta::microseconds(1));
    assert_eq!(hooks.posting.send_due().await?, 0, "the lease holds");
    hooks.room.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(hooks.posting.send_due().await?, 1);
    let sent = hooks.receiver.messages();
    assert_eq!((sent.len(), sent[0].header("webhook-id")), (2, sent[1].header("webhook-id")));
    assert_eq!(hooks.log(&made.id).await?[0].state, "delivered");
    Ok(())
}

/// PL-1, PL-2, NO-5: two processes share the queue; each delivery is made by one of them.
#[tokio::test]
async fn two_processes_do_not_meet() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    for path in ["/a", "/b", "/c"] {
        hooks.make(path, &[]).await?;
    }
    for _ in 0..20 {
        hooks.hear(&hooks.placed()).await?;
    }
    let work = || async {
        while hooks.posting.send_due().await? > 0 {}
        anyhow::Ok(())
    };
    tokio::try_join!(work(), work())?;
    let mut ids: Vec<_> =
        hooks.receiver.messages().iter().map(|one| (one.path.clone(), one.header("webhook-id").to_owned())).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((hooks.receiver.messages().len(), ids.len()), (60, 60));
    Ok(())
}

/// NO-5: a receiver that says nothing keeps nobody from being told.
#[tokio::test]
async fn a_silent_receiver_holds_nobody_up() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let mut request = hooks.asking("", &[]);
    request.url = format!("http://{}/", silent.local_addr()?);
    hooks.webhooks.clone().create_webhook(hooks.staff(request)).await?;
    hooks.make("/x", &[]).await?;
    for _ in 0..12 {
        hooks.hear(&hooks.placed()).await?;
    }
    let stop = tokio_util::sync::CancellationToken::new();
    let work = notifications::hook_delivery::run(hooks.posting.clone(), std::sync::Arc::default(), stop.clone());
    let all_told = async {
        while hooks.receiver.messages().len() < 12 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Less than the silent one is waited for.
    tokio::select! {
        told = tokio::time::timeout(Duration::from_secs(9), all_told) => told?,
        () = work => anyhow::bail!("the work ended"),
    }
    Ok(())
}

/// NO-5: a test sends a ping at once; a delivery is sent again under its id; what failed is recovered.
#[tokio::test]
async fn deliveries_are_made_by_hand() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &["customer.created"]).await?;
    let mut client = hooks.deliveries.clone();
    let request = TestWebhookRequest { webhook: made.id.clone() };
    let ping = client.test_webhook(hooks.staff(request.clone())).await?.into_inner();
    assert_eq!((ping.event.as_str(), ping.state.as_str()), ("ping", "pending"));
    hooks.receiver.refuse(400, None, json!({}));
    hooks.posting.send_due().await?;
    let again = RedeliverHookRequest { webhook: made.id.clone(), id: ping.id.clone() };
    let hurried = client.redeliver_hook(hooks.staff(again.clone())).await?.into_inner();
    assert_eq!((hurried.state.as_str(), hurried.log.len()), ("pending", 1));
    hooks.room.rig.clock.advance(TimeDelta::seconds(6));
    assert_eq!(hooks.posting.send_due().await?, 1);
    client.redeliver_hook(hooks.staff(again.clone())).await?;
    assert_eq!(hooks.posting.send_due().await?, 1);
    let sent = hooks.receiver.messages();
    assert!(sent.len() == 3 && sent.iter().all(|asked| asked.header("webhook-id") == ping.event_id));
    assert!(sent.iter().all(|asked| is_signed(asked, &made.secret)));

    sqlx::query("update hook_deliveries set state = 'failed'").execute(hooks.db().pool()).await?;
    let since = |seconds: i64| Some(kit::clock::timestamp(hooks.room.rig.clock.now() + TimeDelta::seconds(seconds)));
    let recover = |since| RecoverWebhookRequest { webhook: made.id.clone(), since };
    let none = client.recover_webhook(hooks.staff(recover(since(1)))).await?.into_inner();
    let one = client.recover_webhook(hooks.staff(recover(since(-3600)))).await?.into_inner();
    assert_eq!((none.count, one.count, one.more), (0, 1, false));
    assert_eq!(hooks.posting.send_due().await?, 1);

    let off = ChangeWebhookRequest { id: made.id.clone(), enabled: Some(false), ..Default::default() };
    hooks.webhooks.clone().change_webhook(hooks.staff(off)).await?;
    let refused = client.test_webhook(hooks.staff(request)).await.expect_err("it is off");
    assert_eq!(Told::read(&refused).reason, "webhook_disabled");
    Ok(())
}

/// NO-5: the log is paged and filtered, and shows nobody else's; after thirty days a delivery is gone.
#[tokio::test]
async fn the_log_is_kept_for_thirty_days() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &[]).await?;
    for _ in 0..3 {
        hooks.hear(&hooks.placed()).await?;
        hooks.room.rig.clock.advance(TimeDelta::seconds(1));
    }
    hooks.receiver.refuse(410, None, json!({}));
    hooks.posting.send_due().await?;
    let list = |change: fn(&mut ListHookDeliveriesRequest)| {
        let mut request = ListHookDeliveriesRequest { webhook: made.id.clone(), ..Default::default() };
        change(&mut request);
        let (mut client, request) = (hooks.deliveries.clone(), hooks.staff(request));
        async move {
            Ok::<Vec<HookDelivery>, tonic::Status>(client.list_hook_deliveries(request).await?.into_inner().deliveries)
        }
    };
    assert_eq!(list(|_| {}).await?.len(), 3);
    assert_eq!(list(|all| "failed".clone_into(&mut all.state)).await?.len(), 1);
    assert_eq!(list(|all| "ping".clone_into(&mut all.event)).await?.len(), 0);
    assert_eq!(list(|all| "order.placed".clone_into(&mut all.event)).await?.len(), 3);
    for change in [
        |all: &mut ListHookDeliveriesRequest| "lost".clone_into(&mut all.state),
        |all: &mut ListHookDeliveriesRequest| "poem".clone_into(&mut all.event),
    ] {
        assert!(list(change).await.is_err());
    }
    let mut other = ListHookDeliveriesRequest { webhook: made.id.clone(), ..Default::default() };
    let stranger = crate::hooks::recent(&hooks.room.rig.actors.elsewhere(), other.clone());
    assert!(hooks.deliveries.clone().list_hook_deliveries(stranger).await.is_err());
    other.page = Some(proto::base::v1::PageRequest { limit: 2, total: true, ..Default::default() });
    let page = hooks.deliveries.clone().list_hook_deliveries(hooks.staff(other)).await?.into_inner();
    assert_eq!((page.deliveries.len(), page.page.map(|page| page.total)), (2, Some("3".to_owned())));

    hooks.sweeper.sweep().await?;
    hooks.room.rig.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(3));
    hooks.sweeper.sweep().await?;
    assert_eq!(hooks.log(&made.id).await?.len(), 3);
    hooks.room.rig.clock.advance(TimeDelta::seconds(3));
    hooks.sweeper.sweep().await?;
    let left: i64 = sqlx::query_scalar("select count(*) from hook_events").fetch_one(hooks.db().pool()).await?;
    assert_eq!((hooks.log(&made.id).await?.len(), left), (0, 0));
    Ok(())
}

/// NO-5: an address that leads inside is not sent to, whatever the rules were when it was set up; nor is a name that
/// stands for one.
#[tokio::test]
async fn inside_nothing_is_sent() -> anyhow::Result<()> {
    let hooks = Hooks::with(false).await?;
    let mut request = hooks.asking("", &[]);
    "https://hooks.example.com/".clone_into(&mut request.url);
    let made = hooks.webhooks.clone().create_webhook(hooks.staff(request)).await?.into_inner();
    let port = hooks.receiver.url.rsplit(':').next().unwrap_or_default();
    for url in [hooks.receiver.url.clone(), format!("http://localhost:{port}/"), format!("http://127.0.0.1.:{port}/")] {
        sqlx::query("update webhooks set url = $1").bind(&url).execute(hooks.db().pool()).await?;
        hooks.hear(&hooks.placed()).await?;
        hooks.posting.send_due().await?;
        assert_eq!(hooks.log(&made.id).await?[0].error, "refused_target", "{url}");
        sqlx::query("delete from hook_attempts").execute(hooks.db().pool()).await?;
        sqlx::query("delete from hook_deliveries").execute(hooks.db().pool()).await?;
    }
    assert!(hooks.receiver.messages().is_empty());
    Ok(())
}
