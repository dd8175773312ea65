//! Addresses that came back (NO-4).
use kit::{failure::Told, permission::Permission};
use proto::notifications::v1::{
    LiftSuppressionRequest, ListSuppressionsRequest, Suppression, suppression_service_client::SuppressionServiceClient,
};
use tonic::{Code, Request, Status};

use crate::{
    letters::{WRITER, letter, write},
    mailroom::{Mailroom, READER},
    people::People,
    postman::Postman,
};

async fn list(room: &Mailroom, request: Request<ListSuppressionsRequest>) -> Result<Vec<Suppression>, Status> {
    let mut client = SuppressionServiceClient::new(room.way.clone());
    Ok(client.list_suppressions(request).await?.into_inner().suppressions)
}

async fn lift(room: &Mailroom, request: Request<LiftSuppressionRequest>) -> Result<(), Status> {
    SuppressionServiceClient::new(room.way.clone()).lift_suppression(request).await.map(drop)
}

/// NO-4: an address that mail came back from gets no marketing any more, and everything else still; staff see it, and lift
/// it, which the audit is told of.
#[tokio::test]
async fn what_came_back_gets_no_marketing() -> anyhow::Result<()> {
    let (postman, url) = Postman::start()?;
    let people = People::default();
    let room = Mailroom::built(|settings| settings.smtp_url = Some(url), |_| vec![people.service()]).await?;
    let ada = people.add("Gone Lovelace", true);
    let actors = &room.rig.actors;
    write(&room, actors.staff(WRITER, letter(ada, "marketing"))).await?;
    // Queued before it is known.
    room.delivery.send_due().await?;
    let refused = write(&room, actors.staff(WRITER, letter(ada, "marketing"))).await.expect_err("it came back");
    assert_eq!(Told::read(&refused).reason, "suppressed");
    let service = write(&room, actors.staff(WRITER, letter(ada, "service"))).await?;
    room.delivery.send_due().await?;
    assert_eq!(room.read(&service.id).await?.failure, "rejected", "it is tried all the same");

    let all = ListSuppressionsRequest::default;
    let [known] = &list(&room, actors.staff(READER, all())).await?[..] else { anyhow::bail!("one") };
    assert_eq!((known.to.as_str(), known.cause.as_str()), ("gone@example.com", "rejected"));
    assert_eq!(known.customer, ada.to_string());
    let masked = list(&room, actors.staff(&[Permission::MessagesRead], all())).await?;
    assert_eq!((masked[0].to.as_str(), &masked[0].redacted[..]), ("g***@example.com", &["to".to_owned()][..]));
    let mine = ListSuppressionsRequest { customer: ada.into(), ..all() };
    assert_eq!(list(&room, actors.staff(READER, mine)).await?.len(), 1);
    assert!(list(&room, actors.elsewhere().staff(READER, all())).await?.is_empty());

    let one = || LiftSuppressionRequest { id: known.id.clone() };
    assert_eq!(lift(&room, actors.staff(READER, one())).await.expect_err("reads only").code(), Code::PermissionDenied);
    let other = lift(&room, actors.elsewhere().staff(WRITER, one())).await.expect_err("another store's");
    assert_eq!(Told::read(&other).reason, "suppression_not_found");
    lift(&room, actors.staff(WRITER, one())).await?;
    assert_eq!(room.recorded().await?.last().map(String::as_str), Some("suppression.lifted"));
    people.change(ada, |ada| ada.email = "Ada@example.com".to_owned());
    write(&room, actors.staff(WRITER, letter(ada, "marketing"))).await?;
    room.delivery.send_due().await?;
    assert_eq!(postman.mails().len(), 1);
    Ok(())
}

/// NO-4: marketing that waits when its address turns out to be of no use is not sent.
#[tokio::test]
async fn what_waits_is_stopped_by_what_came_back() -> anyhow::Result<()> {
    let (postman, url) = Postman::start()?;
    let people = People::default();
    let room = Mailroom::built(|settings| settings.smtp_url = Some(url), |_| vec![people.service()]).await?;
    let ada = people.add("Ada", true);
    let actors = &room.rig.actors;
    let waiting = write(&room, actors.staff(WRITER, letter(ada, "marketing"))).await?;
    sqlx::query(
        "insert into suppressions select realm_id, id, 'email', 'ada@example.com', customer_id, store_id, 'rejected', id, created_at
         from messages",
    )
    .execute(room.db.pool())
    .await?;
    room.delivery.send_due().await?;
    assert_eq!(room.read(&waiting.id).await?.failure, "suppressed");
    assert!(postman.mails().is_empty());
    Ok(())
}
