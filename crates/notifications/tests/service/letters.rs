//! What staff write to one customer, and how marketing is ended.
use futures_util::future::join_all;
use kit::{actor::Kind, failure::Told, ids::CustomerId, permission::Permission, transport::Transport};
use mailparse::{MailHeaderMap, parse_mail};
use proto::notifications::v1::{
    LetterText, Message, OptOutOfMarketingRequest, ViewOptOutRequest, WriteLetterRequest,
    letter_service_client::LetterServiceClient, opt_out_service_client::OptOutServiceClient,
};
use testing::actors::keyed;
use tonic::{Code, Request, Status};

use crate::{
    mailroom::{Mailroom, parts},
    people::People,
};

/// Staff who write to customers.
pub const WRITER: &[Permission] =
    &[Permission::MessagesWrite, Permission::MessagesRead, Permission::CustomersRead, Permission::CustomersPii];

/// A mailroom beside people.
pub async fn room() -> anyhow::Result<(Mailroom, People)> {
    let people = People::default();
    let room = Mailroom::beside(|_| vec![people.service()]).await?;
    Ok((room, people))
}

/// Something to write to `customer`.
pub fn letter(customer: CustomerId, purpose: &str) -> WriteLetterRequest {
    let [channel, purpose, subject] = ["email", purpose, "For {{first_name}}"].map(str::to_owned);
    let text = "Dear {{name}},\n\nsee https://x.example/lid.\n\n{{store}}".to_owned();
    let letter = LetterText { channel, purpose, subject, text };
    WriteLetterRequest { customer: customer.into(), store: String::new(), letter: Some(letter) }
}

pub async fn write(room: &Mailroom, request: Request<WriteLetterRequest>) -> Result<Message, Status> {
    let client: LetterServiceClient<Transport> = LetterServiceClient::new(room.way.clone());
    Ok(client.clone().write_letter(request).await?.into_inner())
}

/// A request by one and the same clerk, each time.
pub fn clerk<T>(room: &Mailroom, message: T) -> Request<T> {
    let mut claims = room.rig.actors.claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = WRITER.iter().copied().collect();
    room.rig.actors.request(&claims, message)
}

/// What stands at the end of the link in the only mail there is.
fn token(room: &Mailroom) -> anyhow::Result<String> {
    let mails = room.files("mail")?;
    let [mail] = &mails[..] else { anyhow::bail!("one mail: {mails:?}") };
    let mail = parse_mail(mail.as_bytes())?;
    let link = mail.headers.get_first_value("List-Unsubscribe").unwrap_or_default();
    let link = link.trim_matches(['<', '>']);
    let (_, token) = link.split_once("/unsubscribe/").ok_or_else(|| anyhow::anyhow!("a link: {link}"))?;
    Ok(token.to_owned())
}

/// NO-6, NO-1: what staff write reaches its reader, filled in, as the store's mail; until then it lies sealed, the log shows
/// it, and the audit knows that it was written, not what.
#[tokio::test]
async fn a_letter_reaches_its_reader() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let ada = people.add("Ada Lovelace", false);
    let queued = write(&room, room.rig.actors.staff(WRITER, letter(ada, "service"))).await?;
    assert_eq!(
        (queued.status.as_str(), queued.purpose.as_str(), queued.template.as_str()),
        ("queued", "service", "letter")
    );
    let row: String = sqlx::query_scalar("select messages::text from messages").fetch_one(room.db.pool()).await?;
    assert!(!row.contains("lid") && !row.contains(&hex(b"lid")), "{row}");
    let told: Vec<u8> = sqlx::query_scalar("select payload from outbox").fetch_one(room.db.pool()).await?;
    assert!(!String::from_utf8_lossy(&told).contains("lid"));
    assert_eq!(room.recorded().await?, ["message.written"]);

    room.delivery.send_due().await?;
    let mails = room.files("mail")?;
    let mail = parse_mail(mails[0].as_bytes())?;
    assert_eq!(mail.headers.get_first_value("To").as_deref(), Some("ada@example.com"));
    assert_eq!(mail.headers.get_first_value("List-Unsubscribe"), None);
    let [subject, from, text, html] = parts(&mail)?;
    assert_eq!((subject.as_str(), from.as_str()), ("For Ada", r#""Corner Shop" <shop@example.com>"#));
    assert!(text.starts_with("Dear Ada Lovelace,\n\nsee https://x.example/lid.\n\nCorner Shop\n"), "{text}");
    assert!(html.contains(r#"<a href="https://x.example/lid""#) && !html.contains("Unsubscribe"), "{html}");
    let logged = room.read(&queued.id).await?;
    assert_eq!(
        (logged.status.as_str(), logged.to.as_str(), logged.subject.as_str()),
        ("sent", "ada@example.com", "For Ada")
    );
    assert!(logged.content.contains("Dear Ada Lovelace"));
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// CU-16, NO-6: marketing is not written without consent, and not sent when that was withdrawn in between.
#[tokio::test]
async fn marketing_needs_consent_when_it_is_sent() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let (ada, eve) = (people.add("Ada Lovelace", true), people.add("Eve", false));
    let write = async |customer| write(&room, room.rig.actors.staff(WRITER, letter(customer, "marketing"))).await;
    assert_eq!(Told::read(&write(eve).await.expect_err("no consent")).reason, "no_consent");
    let queued = write(ada).await?;
    people.change(ada, |ada| _ = ada.agreed.insert("email".to_owned(), false));
    room.delivery.send_due().await?;
    let logged = room.read(&queued.id).await?;
    assert_eq!((logged.status.as_str(), logged.failure.as_str()), ("failed", "no_consent"));
    assert_eq!((room.files("mail")?.len(), room.published("MessageFailed").await?), (0, 1));
    // What they bought or asked for is told in any case.
    people.change(ada, |ada| ada.name.clear());
    let service = room.rig.actors.staff(WRITER, letter(ada, "service"));
    crate::letters::write(&room, service).await?;
    room.delivery.send_due().await?;
    assert_eq!(room.files("mail")?.len(), 1);
    Ok(())
}

/// NO-6: nobody is written to who is gone, shut out, or has no address; another customer base's are unknown.
#[tokio::test]
async fn some_are_not_written_to() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let [ada, eve, bob] = ["Ada", "Eve", "Bob"].map(|name| people.add(name, true));
    people.change(ada, |ada| ada.inactive = true);
    people.change(eve, |eve| eve.email.clear());
    let reason = async |request| Told::read(&write(&room, request).await.expect_err("refused")).reason;
    let staff = |request| room.rig.actors.staff(WRITER, request);
    assert_eq!(reason(staff(letter(ada, "service"))).await, "customer_inactive");
    assert_eq!(reason(staff(letter(eve, "service"))).await, "no_address");
    let nobody = CustomerId::new(room.rig.clock.now());
    assert_eq!(reason(staff(letter(nobody, "service"))).await, "customer_not_found");
    // Somebody who is shut out, moved or forgotten between being written to and the mail.
    let queued = write(&room, staff(letter(bob, "service"))).await?;
    people.all().remove(&bob);
    room.delivery.send_due().await?;
    assert_eq!(room.read(&queued.id).await?.failure, "customer_unknown");
    Ok(())
}

/// NO-6, ID-30: writing needs messages.write, and the store that somebody works in.
#[tokio::test]
async fn writing_needs_the_permission() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let ada = people.add("Ada", true);
    let all: Vec<_> = Permission::ALL.iter().copied().filter(|one| *one != Permission::MessagesWrite).collect();
    let actors = &room.rig.actors;
    for refused in [
        actors.staff(&all, letter(ada, "service")),
        actors.customer(ada, letter(ada, "service")),
        actors.anonymous(letter(ada, "service")),
    ] {
        assert_eq!(write(&room, refused).await.expect_err("refused").code(), Code::PermissionDenied);
    }
    let other = WriteLetterRequest { store: actors.elsewhere().store.into(), ..letter(ada, "service") };
    let told = Told::read(&write(&room, actors.staff(WRITER, other)).await.expect_err("another store"));
    assert_eq!(told.violations[0].pointer, "/store");
    let blind = [Permission::MessagesWrite];
    let masked = write(&room, actors.staff(&blind, letter(ada, "service"))).await?;
    assert!(masked.content.is_empty());
    Ok(())
}

/// PL-3: the same request is one message, however many come at once.
#[tokio::test]
async fn a_repeated_request_is_one_letter() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let ada = people.add("Ada", true);
    let request = || keyed(clerk(&room, letter(ada, "service")), "once", "letter");
    let answers = join_all((0..6).map(|_| write(&room, request()))).await;
    let mut ids: Vec<_> = answers.into_iter().filter_map(Result::ok).map(|message| message.id).collect();
    ids.dedup();
    let again = write(&room, request()).await?;
    assert_eq!(ids, [again.id]);
    room.delivery.send_due().await?;
    assert_eq!(room.files("mail")?.len(), 1);
    // Whatever became of them since, the answer is the same.
    people.all().remove(&ada);
    assert!(write(&room, request()).await.is_ok());
    Ok(())
}

/// CU-16: marketing mail says how it is ended, to mail programs by one click; looking changes nothing, the click withdraws
/// consent for good, and only the house itself asks.
#[tokio::test]
async fn marketing_is_ended_by_one_click() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let ada = people.add("Ada", true);
    let queued = write(&room, room.rig.actors.staff(WRITER, letter(ada, "marketing"))).await?;
    room.delivery.send_due().await?;
    let token = token(&room)?;
    let mails = room.files("mail")?;
    let mail = parse_mail(mails[0].as_bytes())?;
    let post = mail.headers.get_first_value("List-Unsubscribe-Post");
    assert_eq!(post.as_deref(), Some("List-Unsubscribe=One-Click"));
    let [.., text, html] = parts(&mail)?;
    assert!(text.contains(&token) && html.contains(&token));
    assert!(!room.read(&queued.id).await?.content.contains(&token), "the log has it masked");

    let (actors, mut client) = (&room.rig.actors, OptOutServiceClient::new(room.way.clone()));
    let view = || ViewOptOutRequest { token: token.clone() };
    for _ in 0..2 {
        let seen = client.view_opt_out(actors.system("console", view())).await?.into_inner();
        assert_eq!((seen.store, seen.channel.as_str(), seen.granted), (actors.store.to_string(), "email", true));
    }
    let refused = client.view_opt_out(actors.staff(Permission::ALL, view())).await.expect_err("not the house");
    assert_eq!(refused.code(), Code::PermissionDenied);
    for _ in 0..2 {
        let end = OptOutOfMarketingRequest { token: token.clone() };
        assert!(!client.opt_out_of_marketing(actors.system("console", end)).await?.into_inner().granted);
    }
    let known = people.all()[&ada].clone();
    assert_eq!((known.agreed["email"], known.source.as_str()), (false, "unsubscribe"));
    let other = if token.starts_with('A') { 'B' } else { 'A' };
    let made_up = OptOutOfMarketingRequest { token: format!("{other}{}", &token[1..]) };
    let told = client.opt_out_of_marketing(actors.system("console", made_up)).await.expect_err("made up");
    assert_eq!(Told::read(&told).reason, "link_not_found");
    people.all().remove(&ada);
    assert!(!client.view_opt_out(actors.system("console", view())).await?.into_inner().granted);
    Ok(())
}

/// CU-16, CA-2: reminders of carts are marketing, too: only with consent, and with the same way to end them.
#[tokio::test]
async fn reminders_of_carts_are_marketing() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let (ada, eve) = (people.add("Ada", true), people.add("Eve", false));
    for customer in [ada, eve] {
        let mut request = room.code("email", "ada@example.com");
        (request.template, request.customer) = ("cart_abandoned".to_owned(), customer.into());
        request.secrets = [("link".to_owned(), "https://x.example/cart".to_owned())].into();
        room.send(request).await?;
    }
    room.delivery.send_due().await?;
    assert!(!token(&room)?.is_empty());
    let failed: Vec<String> =
        sqlx::query_scalar("select failure from messages where status = 'failed'").fetch_all(room.db.pool()).await?;
    assert_eq!(failed, ["no_consent"]);
    Ok(())
}
