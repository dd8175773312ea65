//! Order confirmations: queued by the event, made from the order when they are sent.
use chrono::TimeDelta;
use kit::ids::CustomerId;
use mailparse::parse_mail;
use proto::orders::v1::Order;

use crate::mailroom::{Mailroom, parts};

/// Sends the confirmation of `order` and answers its mail's subject, sender, text and HTML.
async fn confirmed(room: &Mailroom, order: Order) -> anyhow::Result<[String; 4]> {
    room.place(&order).await?;
    room.orders.open(vec![order]);
    room.delivery.send_due().await?;
    let [mail] = &room.files("mail")?[..] else { anyhow::bail!("one mail") };
    parts(&parse_mail(mail.as_bytes())?)
}

/// NO-1, NO-3: a placed order is confirmed to the address entered with it, in the store's name.
#[tokio::test]
async fn an_order_is_confirmed() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let [subject, from, text, html] = confirmed(&room, room.order()).await?;
    assert_eq!(subject, "Your order 1042 at Corner Shop");
    assert_eq!(from, r#""Corner Shop" <shop@example.com>"#);
    insta::assert_snapshot!("order_confirmation_text", text);
    insta::assert_snapshot!("order_confirmation_html", html);
    let logged = room.only().await?;
    assert_eq!((logged.template.as_str(), logged.to.as_str()), ("order_confirmation", "ada@example.com"));
    assert_eq!((logged.status.as_str(), logged.subject), ("sent", subject));
    assert!(logged.content.contains("44.90 EUR"));
    Ok(())
}

/// NO-3: names of any length, script and direction stay what they are, and do nothing but be shown.
#[tokio::test]
async fn names_of_all_kinds_are_shown_as_they_are() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let mut order = room.order();
    order.name = "مريم <script>alert(1)</script> \u{202e}حسن".to_owned();
    order.lines[0].name = "ספל כחול".to_owned();
    order.lines[1].name = format!("A very {}long name", "very ".repeat(60));
    order.payment_status = "pending".to_owned();
    let [_, _, text, html] = confirmed(&room, order).await?;
    insta::assert_snapshot!("names_text", text);
    insta::assert_snapshot!("names_html", html);
    assert!(!html.contains("<script>") && !text.contains('\u{202e}'));
    Ok(())
}

/// NO-1, PL-2, CU-15: what is heard of together is confirmed together: each order once, and nobody who was erased.
#[tokio::test]
async fn many_are_confirmed_together() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let of = |customer: CustomerId| Order { customer: customer.into(), ..room.order() };
    let (ada, gone) = (CustomerId::new(room.rig.clock.now()), CustomerId::new(room.rig.clock.now()));
    let (known, first, second, late) = (of(ada), of(ada), room.order(), of(gone));
    room.place(&known).await?;
    sqlx::query("insert into erasures (realm_id, customer_id, job_id, at) values ($1, $2, 'job', now())")
        .bind(room.rig.actors.realm)
        .bind(gone)
        .execute(room.db.pool())
        .await?;
    room.place_all(&[&first, &second, &known, &first, &late]).await?;
    let confirmed: Vec<String> =
        sqlx::query_scalar("select reference from messages order by reference").fetch_all(room.db.pool()).await?;
    let mut expected = [&known, &first, &second].map(|order| order.id.clone());
    expected.sort_unstable();
    assert_eq!(confirmed, expected);
    let queued = "select count(*) from message_events where status = 'queued'";
    assert_eq!(sqlx::query_scalar::<_, i64>(queued).fetch_one(room.db.pool()).await?, 3);
    Ok(())
}

/// PL-2: an order is confirmed once, however often and in whatever shape its event comes.
#[tokio::test]
async fn an_order_is_confirmed_once() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let order = room.order();
    room.orders.open(vec![order.clone()]);
    let (first, second) = tokio::join!(room.place(&order), room.place(&order));
    first.and(second)?;
    room.delivery.send_due().await?;
    room.place(&order).await?;
    room.delivery.send_due().await?;
    assert_eq!((room.files("mail")?.len(), room.published("MessageSent").await?), (1, 1));
    Ok(())
}

/// PL-2: while orders is away the confirmation waits; nothing is lost.
#[tokio::test]
async fn a_confirmation_waits_for_orders() -> anyhow::Result<()> {
    let room = Mailroom::open().await?;
    let order = room.order();
    room.place(&order).await?;
    room.delivery.send_due().await?;
    assert_eq!(room.only().await?.status, "queued");
    room.orders.open(vec![order]);
    assert_eq!(room.delivery.send_due().await?, 0);
    room.rig.clock.advance(TimeDelta::seconds(2));
    assert_eq!(room.delivery.send_due().await?, 1);
    assert_eq!(room.only().await?.status, "sent");
    Ok(())
}

/// PL-4: an order that is not there, or belongs to another realm, is never shown in this one.
#[tokio::test]
async fn a_foreign_order_is_not_confirmed() -> anyhow::Result<()> {
    for foreign in [true, false] {
        let room = Mailroom::open().await?;
        let order = room.order();
        room.place(&order).await?;
        let realm = room.rig.actors.elsewhere().realm.into();
        room.orders.open(if foreign { vec![Order { realm, ..order }] } else { Vec::new() });
        room.delivery.send_due().await?;
        let logged = room.only().await?;
        assert_eq!((logged.status.as_str(), logged.to.as_str(), logged.content.as_str()), ("failed", "", ""));
        assert_eq!((room.published("MessageFailed").await?, room.files("mail")?.len()), (1, 0));
    }
    Ok(())
}
