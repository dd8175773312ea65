//! Mail over a real SMTP conversation (NO-2).
use chrono::TimeDelta;
use kit::tls::{self, Identity};
use mailparse::{MailHeaderMap, parse_mail};

use crate::{
    mailroom::{Mailroom, parts},
    postman::{Envelope, Postman},
};

/// NO-2: with an SMTP server set, mail goes there, whole, and marked as sent by a machine.
#[tokio::test]
async fn mail_goes_to_the_server() -> anyhow::Result<()> {
    let (postman, url) = Postman::start()?;
    let room = Mailroom::with_smtp(Some(url)).await?;
    let id = room.send(room.code("email", "Ada.Lovelace@EXÄMPLE.com")).await?.id;
    room.delivery.send_due().await?;
    assert_eq!(room.read(&id).await?.status, "sent");
    let [(to, mail)] = &postman.mails()[..] else { anyhow::bail!("one mail") };
    assert_eq!(to, "Ada.Lovelace@xn--exmple-cua.com");
    let mail = parse_mail(mail)?;
    let header = |name| mail.headers.get_first_value(name).unwrap_or_default();
    assert_eq!(header("Message-ID"), format!("<{id}@example.com>"));
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("Date"), "Mon, 02 Mar 2026 12:00:00 +0000");
    let [_, from, text, html] = parts(&mail)?;
    assert_eq!(from, r#""Corner Shop" <shop@example.com>"#);
    insta::assert_snapshot!("registration_code_text", text);
    insta::assert_snapshot!("registration_code_html", html);
    assert!(room.files("mail")?.is_empty());
    Ok(())
}

/// NO-1: what the server refuses for good has failed; what it refuses for now, or cannot take at all, waits.
#[tokio::test]
async fn refusals_are_told_apart() -> anyhow::Result<()> {
    let (postman, url) = Postman::start()?;
    let room = Mailroom::with_smtp(Some(url)).await?;
    let gone = room.send(room.code("email", "gone@example.com")).await?.id;
    let full = room.send(room.code("email", "full@example.com")).await?.id;
    room.delivery.send_due().await?;
    assert_eq!(
        (room.read(&gone).await?.status.as_str(), room.read(&full).await?.status.as_str()),
        ("failed", "queued")
    );
    let reason: String =
        sqlx::query_scalar("select failure from messages where status = 'failed'").fetch_one(room.db.pool()).await?;
    assert_eq!((reason.as_str(), room.published("MessageFailed").await?), ("rejected", 1));
    room.rig.clock.advance(TimeDelta::minutes(9));
    assert_eq!(room.delivery.send_due().await?, 1);
    assert!(postman.mails().is_empty());

    let room = Mailroom::with_smtp(Some("smtp://127.0.0.1:9".to_owned())).await?;
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    assert_eq!(room.delivery.send_due().await?, 1);
    assert_eq!(room.read(&id).await?.status, "queued");
    Ok(())
}

/// PL-7: mail goes encrypted, from the beginning or as soon as the server offers it, to who shows a certificate of the
/// installation's authority; to others nothing is said.
#[tokio::test]
async fn mail_goes_encrypted() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let certificate = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let identity = Identity { cert: folder.path().join("crt"), key: folder.path().join("key") };
    std::fs::write(&identity.cert, certificate.cert.pem())?;
    std::fs::write(&identity.key, certificate.signing_key.serialize_pem())?;
    let config = tls::server(identity.clone(), None)?.get();
    for envelope in [Envelope::Sealed(config.clone()), Envelope::Asked(config.clone())] {
        for (roots, status, mails) in [(Some(identity.cert.clone()), "sent", 1), (None, "queued", 0)] {
            let (postman, url) = Postman::start_with(&envelope)?;
            let room = Mailroom::trusting(Some(url), roots).await?;
            let id = room.send(room.code("email", "ada@example.com")).await?.id;
            room.delivery.send_due().await?;
            assert_eq!((room.read(&id).await?.status.as_str(), postman.mails().len()), (status, mails));
        }
    }
    let (postman, url) = Postman::start()?;
    let room = Mailroom::trusting(Some(format!("{url}?tls=required")), None).await?;
    room.send(room.code("email", "ada@example.com")).await?;
    room.delivery.send_due().await?;
    assert!(postman.mails().is_empty(), "a server that does not encrypt gets nothing");
    Ok(())
}
