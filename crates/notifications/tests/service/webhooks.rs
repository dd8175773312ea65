//! Webhooks as staff manage them.
use chrono::TimeDelta;
use kit::{
    actor::Kind,
    assertion::Claims,
    failure::{Code, Told},
    ids::StoreId,
    permission::Permission,
    secret::Secrets,
};
use notifications::reseal::reseal;
use proto::notifications::v1::{
    ChangeWebhookRequest, DeleteWebhookRequest, GetWebhookRequest, ListWebhookEventsRequest, ListWebhooksRequest,
    RotateWebhookSecretRequest, WebhookEvents,
};
use testing::actors::{if_match, keyed};
use tonic::{Request, Status};

use crate::hooks::{Hooks, is_signed, recent};

fn reason(status: &Status) -> String {
    Told::read(status).reason
}

/// NO-5: a webhook is made with a secret that is shown this once and kept sealed; it is read, changed by its version,
/// and ended.
#[tokio::test]
async fn a_webhook_is_made_changed_and_ended() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let mut client = hooks.webhooks.clone();
    let made = hooks.make("/all", &["order.placed", "customer.created", "order.placed"]).await?;
    assert!(made.secret.starts_with("whsec_") && made.enabled && made.version == 1);
    assert_eq!(made.events, ["customer.created", "order.placed"]);
    assert_eq!(made.place, hooks.room.rig.actors.store.to_string());
    let seen = hooks.look(&made.id).await?;
    assert_eq!((seen.secret.as_str(), seen.url.as_str()), ("", made.url.as_str()));
    let kept: Vec<u8> = sqlx::query_scalar("select secret from webhooks").fetch_one(hooks.db().pool()).await?;
    assert!(!kept.is_empty() && !String::from_utf8_lossy(&kept).contains(&made.secret[6..]));

    let change = ChangeWebhookRequest {
        id: made.id.clone(),
        events: Some(WebhookEvents::default()),
        enabled: Some(false),
        description: Some("the warehouse".to_owned()),
        ..ChangeWebhookRequest::default()
    };
    let stale = client.change_webhook(if_match(hooks.staff(change.clone()), 7)).await.expect_err("another version");
    assert_eq!(Told::read(&stale).code, Code::Stale);
    let changed = client.change_webhook(if_match(hooks.staff(change), 1)).await?.into_inner();
    assert_eq!((changed.version, changed.enabled, changed.disabled_reason.as_str()), (2, false, "paused"));
    assert_eq!((changed.events.len(), changed.url), (0, made.url.clone()));

    client.delete_webhook(hooks.staff(DeleteWebhookRequest { id: made.id.clone() })).await?;
    let gone = client.get_webhook(hooks.staff(GetWebhookRequest { id: made.id.clone() })).await.expect_err("gone");
    assert_eq!(reason(&gone), "webhook_not_found");
    hooks.sweeper.sweep().await?;
    let left: i64 = sqlx::query_scalar("select count(*) from webhooks").fetch_one(hooks.db().pool()).await?;
    assert_eq!(
        (left, hooks.room.recorded().await?),
        (0, vec!["webhook.created".to_owned(), "webhook.updated".to_owned(), "webhook.deleted".to_owned()])
    );
    Ok(())
}

/// NO-5: what leads inside is refused where the house is not open, as is an event that nobody tells of.
#[tokio::test]
async fn bad_ones_are_refused() -> anyhow::Result<()> {
    let hooks = Hooks::with(false).await?;
    let mut client = hooks.webhooks.clone();
    for url in ["http://hooks.example.com", "https://127.0.0.1/x", "https://[::ffff:10.0.0.1]/", "https://db/"] {
        let request = proto::notifications::v1::CreateWebhookRequest { url: url.to_owned(), ..Default::default() };
        let refused = client.create_webhook(hooks.staff(request)).await.expect_err(url);
        assert_eq!((Told::read(&refused).code, reason(&refused).as_str()), (Code::Refused, "target_refused"), "{url}");
    }
    let mut request = hooks.asking("", &["order.forgotten"]);
    "https://hooks.example.com/x".clone_into(&mut request.url);
    let refused = client.create_webhook(hooks.staff(request.clone())).await.expect_err("no such event");
    assert_eq!(reason(&refused), "unknown_event");
    request.events.clear();
    request.description = "x".repeat(201);
    let refused = client.create_webhook(hooks.staff(request)).await.expect_err("too long");
    assert_eq!(Told::read(&refused).violations[0].pointer, "/description");
    Ok(())
}

/// NO-5: a store has twenty webhooks, also when several are made at once; a repetition makes none.
#[tokio::test]
async fn there_are_twenty() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let make = |n: usize| {
        let (mut client, request) = (hooks.webhooks.clone(), hooks.staff(hooks.asking("/x", &[])));
        async move { client.create_webhook(keyed(request, &format!("key {n}"), "same")).await }
    };
    let made = futures_util::future::join_all((0..24).map(make)).await;
    let refused: Vec<_> = made.iter().filter_map(|made| made.as_ref().err().map(reason)).collect();
    assert_eq!(refused, ["too_many_webhooks"; 4]);
    let first = made.iter().position(Result::is_ok).unwrap_or_default();
    let again = make(first).await?.into_inner();
    assert_eq!(Some(again.id), made[first].as_ref().ok().map(|made| made.get_ref().id.clone()));
    let list = hooks.webhooks.clone().list_webhooks(hooks.staff(ListWebhooksRequest {})).await?.into_inner();
    assert!(list.webhooks.len() == 20 && list.webhooks.iter().all(|webhook| webhook.secret.is_empty()));
    Ok(())
}

/// NO-5, ID-22, PL-4: webhooks.write is needed for all of it, and another store's webhooks do not exist.
#[tokio::test]
async fn others_are_kept_out() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let id = hooks.make("/x", &[]).await?.id;
    let mut client = hooks.webhooks.clone();
    let actors = &hooks.room.rig.actors;
    let elsewhere = actors.elsewhere();
    let mut sister = actors.clone();
    sister.store = StoreId::new(hooks.room.rig.clock.now());
    for stranger in [&elsewhere, &sister] {
        let other = client.get_webhook(recent(stranger, GetWebhookRequest { id: id.clone() })).await;
        assert_eq!(reason(&other.expect_err("not theirs")), "webhook_not_found");
        let request = RotateWebhookSecretRequest { id: id.clone() };
        let other = client.rotate_webhook_secret(recent(stranger, request)).await;
        assert_eq!(reason(&other.expect_err("not theirs")), "webhook_not_found");
        assert!(client.list_webhooks(recent(stranger, ListWebhooksRequest {})).await?.into_inner().webhooks.is_empty());
    }
    let all_but: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|one| *one != Permission::WebhooksWrite).collect();
    for refused in [
        actors.staff(&all_but, ListWebhooksRequest {}),
        actors.anonymous(ListWebhooksRequest {}),
        actors.system("orders", ListWebhooksRequest {}),
    ] {
        assert_eq!(client.list_webhooks(refused).await.expect_err("refused").code(), tonic::Code::PermissionDenied);
    }
    let refused = client.list_webhook_events(actors.staff(&all_but, ListWebhookEventsRequest {})).await;
    assert_eq!(refused.expect_err("refused").code(), tonic::Code::PermissionDenied);
    Ok(())
}

/// NO-5: what makes an address hear more, or shows a secret, takes a recent proof; the rest does not. A key proves nothing.
#[tokio::test]
async fn dangerous_changes_take_a_proof() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let id = hooks.make("/x", &[]).await?.id;
    let (mut client, actors) = (hooks.webhooks.clone(), &hooks.room.rig.actors);
    let keeper = |message| actors.staff(crate::hooks::KEEPER, message);
    let change = |url: Option<&str>| ChangeWebhookRequest {
        id: id.clone(),
        url: url.map(str::to_owned),
        enabled: Some(false),
        ..ChangeWebhookRequest::default()
    };
    let refused = client.change_webhook(keeper(change(Some("https://hooks.example.com/")))).await;
    assert_eq!(reason(&refused.expect_err("no proof")), "step_up_required");
    client.change_webhook(keeper(change(None))).await?;
    let rotate = RotateWebhookSecretRequest { id: id.clone() };
    let refused = client.rotate_webhook_secret(actors.staff(crate::hooks::KEEPER, rotate.clone())).await;
    assert_eq!(reason(&refused.expect_err("no proof")), "step_up_required");
    let claims = actors.claims(Kind::ApiKey, "akey_1");
    let claims = Claims { perms: crate::hooks::KEEPER.iter().copied().collect(), ..claims };
    assert!(client.rotate_webhook_secret(actors.request(&claims, rotate)).await.is_ok());
    Ok(())
}

/// NO-5: after a change of the secret both sign for 24 hours, to the second; then the new one alone.
#[tokio::test]
async fn a_former_secret_signs_for_a_day() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &["order.placed"]).await?;
    let request = RotateWebhookSecretRequest { id: made.id.clone() };
    let rotated = hooks.webhooks.clone().rotate_webhook_secret(hooks.staff(request)).await?.into_inner();
    assert!(rotated.secret.starts_with("whsec_") && rotated.secret != made.secret);
    assert!(rotated.former_secret_until.is_some());
    hooks.room.rig.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
    hooks.hear(&hooks.placed()).await?;
    assert_eq!(hooks.posting.send_due().await?, 1);
    hooks.room.rig.clock.advance(TimeDelta::microseconds(1));
    hooks.hear(&hooks.placed()).await?;
    assert_eq!(hooks.posting.send_due().await?, 1);
    let sent = hooks.receiver.messages();
    assert_eq!([&made, &rotated].map(|webhook| is_signed(&sent[0], &webhook.secret)), [true, true]);
    assert_eq!([&made, &rotated].map(|webhook| is_signed(&sent[1], &webhook.secret)), [false, true]);
    assert!(hooks.look(&made.id).await?.former_secret_until.is_none());
    Ok(())
}

/// PL-7: secrets of webhooks are sealed anew after a change of the house's own.
#[tokio::test]
async fn secrets_are_sealed_anew() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let made = hooks.make("/x", &["order.placed"]).await?;
    let request = RotateWebhookSecretRequest { id: made.id.clone() };
    hooks.webhooks.clone().rotate_webhook_secret(hooks.staff(request)).await?;
    let next = testing::rig::SECRET.replace('0', "1");
    let both = Secrets::parse(&format!("{next},{}", testing::rig::SECRET))?;
    let mut tx = hooks.db().begin_own().await?;
    let first = reseal(&mut tx, &both).await?;
    let second = reseal(&mut tx, &both).await?;
    let lost = reseal(&mut tx, &Secrets::parse(testing::rig::SECRET)?).await?;
    assert_eq!((first.anew, second.already, lost.lost), (2, 2, 2));
    Ok(())
}

/// NO-5: every event there is can be asked for, and is told with an example.
#[tokio::test]
async fn events_are_listed() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    let request: Request<_> = hooks.staff(ListWebhookEventsRequest {});
    let events = hooks.webhooks.clone().list_webhook_events(request).await?.into_inner().events;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert!(names.contains(&"order.placed") && names.contains(&"customer.erased"), "{names:?}");
    hooks.make("/x", &names).await?;
    for event in &events {
        let sample: serde_json::Value = serde_json::from_str(&event.sample)?;
        assert_eq!(sample["type"], event.name.as_str());
    }
    Ok(())
}
