//! Messages that other services ask for.
use kit::failure::Told;
use mailparse::parse_mail;
use tonic::Code;

use crate::mailroom::{Mailroom, parts};

/// ID-6, NO-1: the code reaches its recipient and nobody else: the log shows it masked, the table keeps it sealed, and
/// not at all once it is sent.
#[tokio::test]
async fn a_code_is_sent_and_never_shown() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let queued = room.send(room.code("email", "ada@example.com")).await?;
    assert_eq!((queued.status.as_str(), queued.content.as_str()), ("queued", ""));
    let row: String = sqlx::query_scalar("select messages::text from messages").fetch_one(room.db.pool()).await?;
    let in_hex = "333134313539";
    assert!(!row.contains("314159") && !row.contains(in_hex));

    assert_eq!(room.delivery.send_due().await?, 1);
    let [mail] = &room.files("mail")?[..] else { anyhow::bail!("one mail") };
    let [subject, from, text, html] = parts(&parse_mail(mail.as_bytes())?)?;
    assert_eq!(
        (subject.as_str(), from.as_str()),
        ("Your registration code for Corner Shop", r#""Corner Shop" <shop@example.com>"#)
    );
    assert!(text.contains("314159") && html.contains("314159"));

    let logged = room.read(&queued.id).await?;
    assert_eq!((logged.status.as_str(), logged.to.as_str()), ("sent", "ada@example.com"));
    assert!(logged.content.contains("••••••") && !logged.content.contains("314159"));
    assert_eq!(logged.events.iter().map(|event| event.status.as_str()).collect::<Vec<_>>(), ["queued", "sent"]);
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("select secrets from messages").fetch_one(room.db.pool()).await?;
    assert_eq!((sealed, room.published("MessageSent").await?), (None, 1));
    Ok(())
}

/// NO-2: a text message needs no account: it becomes a file.
#[tokio::test]
async fn a_text_message_becomes_a_file() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    room.send(room.code("sms", "+49 30 1234567")).await?;
    room.delivery.send_due().await?;
    let [note] = &room.files("sms")?[..] else { anyhow::bail!("one file") };
    let note: serde_json::Value = serde_json::from_str(note)?;
    assert_eq!(note["to"], "+49301234567");
    assert_eq!(note["text"], "314159 is your code for Corner Shop. It is valid for 10 minutes.");
    Ok(())
}

/// ID-7: somebody who has an account already is told so, without a code.
#[tokio::test]
async fn whoever_has_an_account_is_told() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let template = "already_registered".to_owned();
    let request = room.code("email", "ada@example.com");
    room.send(proto::notifications::v1::SendMessageRequest { template, secrets: [].into(), ..request }).await?;
    room.delivery.send_due().await?;
    let [mail] = &room.files("mail")?[..] else { anyhow::bail!("one mail") };
    let [subject, _, text, html] = parts(&parse_mail(mail.as_bytes())?)?;
    assert_eq!(subject, "You already have an account at Corner Shop");
    insta::assert_snapshot!("already_registered_text", text);
    insta::assert_snapshot!("already_registered_html", html);
    Ok(())
}

/// PL-2: the id makes a repetition harmless, also when eight come at once.
#[tokio::test]
async fn a_repeated_request_changes_nothing() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let request = room.code("email", "ada@example.com");
    let all = (0..8).map(|_| room.send(request.clone()));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer?.id, request.id);
    }
    room.delivery.send_due().await?;
    let other = room.code("email", "eve@example.com");
    let again = room.send(proto::notifications::v1::SendMessageRequest { id: request.id, ..other }).await?;
    assert_eq!((again.status.as_str(), again.to.as_str(), again.events.len()), ("sent", "ada@example.com", 2));
    assert_eq!((room.delivery.send_due().await?, room.files("mail")?.len()), (0, 1));
    Ok(())
}

/// ID-30: only services queue messages.
#[tokio::test]
async fn nobody_else_sends() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let request = room.code("email", "ada@example.com");
    for refused in
        [room.rig.actors.staff(kit::permission::Permission::ALL, request.clone()), room.rig.actors.anonymous(request)]
    {
        let status = room.client.clone().send_message(refused).await.expect_err("not a service");
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    Ok(())
}

/// All faults of a request are told at once.
#[tokio::test]
async fn faults_are_told() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let request = proto::notifications::v1::SendMessageRequest {
        realm: "rlm_1".to_owned(),
        customer: "ada".to_owned(),
        secrets: [].into(),
        ..room.code("email", "nowhere")
    };
    let told = Told::read(&room.send(request).await.expect_err("malformed"));
    let pointers: Vec<_> = told.violations.iter().map(|violation| violation.pointer.as_ref()).collect();
    assert_eq!(pointers, ["/realm", "/customer", "/to", "/secrets/code"]);
    for (channel, template, pointer) in [
        ("pigeon", "registration_code", "/channel"),
        ("push", "registration_code", "/channel"),
        ("email", "new_sign_in", "/channel"),
        ("email", "order_confirmation", "/template"),
        ("push", "order_placed", "/template"),
        ("email", "poem", "/template"),
    ] {
        let device = kit::ids::DeviceId::new(room.rig.clock.now()).to_string();
        let mut request = room.code(channel, if channel == "push" { &device } else { "ada@example.com" });
        request.template = template.to_owned();
        let told = Told::read(&room.send(request).await.expect_err("refused"));
        assert_eq!(told.violations.first().map(|violation| violation.pointer.as_ref()), Some(pointer));
    }
    Ok(())
}
