//! The log as staff read it.
use chrono::TimeDelta;
use kit::{
    assertion::Claims,
    failure::Told,
    ids::{CustomerId, StoreId},
    permission::Permission,
};
use proto::{
    base::v1::PageRequest,
    notifications::v1::{GetMessageRequest, ListMessagesRequest, ListMessagesResponse, Message, SendMessageRequest},
};
use tonic::{Code, Request, Status};

use crate::mailroom::{Mailroom, READER};

async fn list(room: &Mailroom, request: Request<ListMessagesRequest>) -> Result<ListMessagesResponse, Status> {
    Ok(room.client.clone().list_messages(request).await?.into_inner())
}

fn page(limit: u32, after: &str, before: &str) -> ListMessagesRequest {
    let page = PageRequest { limit, after: after.to_owned(), before: before.to_owned(), total: true };
    ListMessagesRequest { page: Some(page), ..ListMessagesRequest::default() }
}

/// What the log is sorted by.
fn place(message: &Message) -> (i64, i32, String) {
    let at = message.created_at.unwrap_or_default();
    (at.seconds, at.nanos, message.id.clone())
}

/// NO-1: the log comes newest first, page by page, forth and back, without losing or repeating a message.
#[tokio::test]
async fn the_log_is_paged() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    for number in 0..5 {
        // Two share a moment, so that the id has to tell them apart.
        room.rig.clock.advance(TimeDelta::seconds(number % 2));
        room.send(room.code("email", "ada@example.com")).await?;
    }
    let (mut seen, mut pages, mut after) = (Vec::new(), Vec::new(), String::new());
    loop {
        let answer = list(&room, room.rig.actors.staff(READER, page(2, &after, ""))).await?;
        seen.extend(answer.messages.iter().map(place));
        let page = answer.page.unwrap_or_default();
        assert_eq!(page.total, "5");
        after.clone_from(&page.next);
        pages.push(page);
        if after.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    let back = list(&room, room.rig.actors.staff(READER, page(2, "", &pages[2].prev))).await?;
    assert_eq!(back.messages.iter().map(place).collect::<Vec<_>>(), seen[2..4]);
    Ok(())
}

/// NO-1: a customer's messages, those of one template or status; unknown values are refused.
#[tokio::test]
async fn the_log_is_filtered() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let customer = CustomerId::new(room.rig.clock.now()).to_string();
    let to_ada = SendMessageRequest { customer: customer.clone(), ..room.code("email", "ada@example.com") };
    room.send(to_ada).await?;
    room.delivery.send_due().await?;
    room.send(room.code("sms", "+49301234567")).await?;
    let count = |customer: &str, template: &str, status: &str| {
        let request = ListMessagesRequest {
            customer: customer.to_owned(),
            template: template.to_owned(),
            status: status.to_owned(),
            page: None,
        };
        list(&room, room.rig.actors.staff(READER, request))
    };
    assert_eq!(count("", "", "").await?.messages.len(), 2);
    assert_eq!(count(&customer, "", "").await?.messages.len(), 1);
    assert_eq!(count(&customer, "registration_code", "queued").await?.messages.len(), 0);
    assert_eq!(count("", "registration_code", "queued").await?.messages[0].channel, "sms");
    assert_eq!(count("", "order_confirmation", "").await?.messages.len(), 0);
    for (customer, template, status, pointer) in
        [("ada", "", "", "/customer"), ("", "poem", "", "/template"), ("", "", "lost", "/status")]
    {
        let told = Told::read(&count(customer, template, status).await.expect_err("unknown value"));
        assert_eq!(told.violations[0].pointer, pointer);
    }
    Ok(())
}

/// ID-23: without customers.pii the recipient, subject and content are masked, in the list and by itself.
#[tokio::test]
async fn personal_data_is_masked() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    room.delivery.send_due().await?;
    let moderator = &[Permission::MessagesRead];
    let one = room.client.clone().get_message(room.rig.actors.staff(moderator, GetMessageRequest { id })).await?;
    let all = list(&room, room.rig.actors.staff(moderator, page(10, "", ""))).await?;
    for message in [one.into_inner(), all.messages[0].clone()] {
        assert_eq!((message.to.as_str(), message.subject.as_str()), ("a***@example.com", "***"));
        assert_eq!((message.content.as_str(), message.redacted.len()), ("***", 3));
        assert_eq!((message.status.as_str(), message.template.as_str()), ("sent", "registration_code"));
    }
    Ok(())
}

/// PL-4, ID-30: another realm's, and another store's, messages do not exist; without messages.read none do.
#[tokio::test]
async fn the_log_stays_in_its_realm() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let id = room.send(room.code("email", "ada@example.com")).await?.id;
    let elsewhere = room.rig.actors.elsewhere();
    let mut sister = room.rig.actors.clone();
    sister.store = StoreId::new(room.rig.clock.now());
    for stranger in [&elsewhere, &sister] {
        let one = room.client.clone().get_message(stranger.staff(READER, GetMessageRequest { id: id.clone() })).await;
        assert_eq!(Told::read(&one.expect_err("not theirs")).reason, "message_not_found");
        assert!(list(&room, stranger.staff(READER, page(10, "", ""))).await?.messages.is_empty());
    }
    // Staff of the whole network see all its stores.
    let claims = room.rig.actors.claims(kit::actor::Kind::Staff, kit::ids::StaffId::new(room.rig.clock.now()));
    let claims = Claims { store: None, perms: READER.iter().copied().collect(), ..claims };
    assert_eq!(list(&room, room.rig.actors.request(&claims, page(10, "", ""))).await?.messages.len(), 1);

    for refused in [
        room.rig.actors.staff(&[Permission::CustomersPii], page(10, "", "")),
        room.rig.actors.anonymous(page(10, "", "")),
        room.rig.actors.customer(CustomerId::new(room.rig.clock.now()), page(10, "", "")),
    ] {
        assert_eq!(list(&room, refused).await.expect_err("refused").code(), Code::PermissionDenied);
    }
    let malformed = room.read("msg_1").await.expect_err("no id");
    assert_eq!(malformed.code(), Code::NotFound);
    Ok(())
}

/// A cursor is good for the list it was made for only.
#[tokio::test]
async fn a_cursor_belongs_to_its_list() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    for _ in 0..2 {
        room.send(room.code("email", "ada@example.com")).await?;
    }
    let first = list(&room, room.rig.actors.staff(READER, page(1, "", ""))).await?;
    let cursor = first.page.unwrap_or_default().next;
    let other = ListMessagesRequest { status: "queued".to_owned(), ..page(1, &cursor, "") };
    let refused = list(&room, room.rig.actors.staff(READER, other)).await.expect_err("another list");
    assert_eq!(Told::read(&refused).violations[0].code, "bad_cursor");
    Ok(())
}
