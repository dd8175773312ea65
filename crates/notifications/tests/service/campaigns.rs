//! What staff write to many.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{clock::timestamp, failure::Told, permission::Permission};
use notifications::campaign::work::{PAGE, ROOM, Worker};
use proto::{
    base::v1::{Condition, Filter, filter::Node},
    notifications::v1::{
        BeginCampaignRequest, Campaign, CancelCampaignRequest, GetCampaignRequest, LetterText, ListCampaignsRequest,
        PreviewCampaignRequest, campaign_service_client::CampaignServiceClient,
    },
};
use testing::actors::keyed;
use tonic::{Code, Request, Status};

use crate::{
    letters::{WRITER, clerk, room},
    mailroom::Mailroom,
};

#[expect(clippy::unnecessary_wraps, reason = "as messages carry it")]
fn everybody() -> Option<Filter> {
    let [field, op, value] = ["status", "eq", "active"].map(str::to_owned);
    Some(Filter { node: Some(Node::Condition(Condition { field, op, values: vec![value] })) })
}

#[expect(clippy::unnecessary_wraps, reason = "as messages carry it")]
fn text(purpose: &str) -> Option<LetterText> {
    let [channel, purpose, subject, text] =
        ["email", purpose, "Spring at {{store}}", "Dear {{name}}, spring is here."].map(str::to_owned);
    Some(LetterText { channel, purpose, subject, text })
}

fn spring(purpose: &str) -> BeginCampaignRequest {
    let (letter, filter) = (text(purpose), everybody());
    BeginCampaignRequest { name: "Spring".to_owned(), letter, filter, ..BeginCampaignRequest::default() }
}

async fn begin(room: &Mailroom, request: BeginCampaignRequest) -> Result<Campaign, Status> {
    let request = keyed(clerk(room, request), "spring", "spring");
    Ok(CampaignServiceClient::new(room.way.clone()).begin_campaign(request).await?.into_inner())
}

async fn get(room: &Mailroom, id: &str) -> Result<Campaign, Status> {
    let request = room.rig.actors.staff(WRITER, GetCampaignRequest { id: id.to_owned() });
    Ok(CampaignServiceClient::new(room.way.clone()).get_campaign(request).await?.into_inner())
}

async fn cancel(room: &Mailroom, request: Request<CancelCampaignRequest>) -> Result<Campaign, Status> {
    Ok(CampaignServiceClient::new(room.way.clone()).cancel_campaign(request).await?.into_inner())
}

fn worker(room: &Mailroom) -> anyhow::Result<Worker> {
    Worker::new(&room.rig.env, &room.db, Arc::default())
}

/// Lets some time pass and does all that is due then; whether that was anything.
async fn pass(room: &Mailroom, worker: &Worker) -> anyhow::Result<bool> {
    room.rig.clock.advance(TimeDelta::seconds(5));
    let mut any = false;
    while worker.work_one().await? {
        any = true;
    }
    while room.delivery.send_due().await? > 0 {}
    Ok(any)
}

/// Carries out all there is.
async fn finish(room: &Mailroom, worker: &Worker) -> anyhow::Result<()> {
    while pass(room, worker).await? {}
    Ok(())
}

/// NO-6, CU-16: a campaign reaches everybody whom its filter finds and who may be written to, once each, and tells what
/// became of the others.
#[tokio::test]
async fn a_campaign_reaches_everybody_once() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let [ada, eve, bob, kim] = ["Ada", "Eve", "Bob", "Kim"].map(|name| people.add(name, true));
    people.add("Liz", false);
    people.change(eve, |eve| eve.inactive = true);
    people.change(kim, |kim| kim.email.clear());
    let preview = PreviewCampaignRequest { letter: text("marketing"), filter: everybody(), ..Default::default() };
    let preview = room.rig.actors.staff(WRITER, preview);
    let seen = CampaignServiceClient::new(room.way.clone()).preview_campaign(preview).await?.into_inner();
    assert_eq!((seen.recipients, seen.reachable, seen.skipped.len()), (5, 2, 3));
    assert_eq!(seen.subject, "Spring at Corner Shop");
    assert!(seen.text.contains("Dear Jane Doe") && seen.html.contains("Unsubscribe"));

    let begun = begin(&room, spring("marketing")).await?;
    assert_eq!((begun.state.as_str(), begun.recipients), ("queued", 5));
    assert_eq!(begin(&room, spring("marketing")).await?.id, begun.id, "the same request is the same campaign");
    let worker = worker(&room)?;
    assert!(worker.work_one().await?);
    let now = get(&room, &begun.id).await?;
    assert_eq!((now.state.as_str(), now.looked_at, now.waiting), ("sending", 5, 2));
    // Withdrawn after it was queued.
    people.change(bob, |bob| _ = bob.agreed.insert("email".to_owned(), false));
    finish(&room, &worker).await?;
    let [mail] = &room.files("mail")?[..] else { anyhow::bail!("one mail") };
    assert!(mail.contains("To: ada@example.com") && mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let done = get(&room, &begun.id).await?;
    assert_eq!((done.state.as_str(), done.sent, done.waiting, done.failed), ("done", 1, 0, 0));
    assert_eq!([done.skipped["no_consent"], done.skipped["inactive"], done.skipped["no_address"]], [2, 1, 1]);
    let request = proto::notifications::v1::ListMessagesRequest { customer: ada.into(), ..Default::default() };
    let logged = room.client.clone().list_messages(room.rig.actors.staff(WRITER, request)).await?.into_inner();
    let logged = &logged.messages[0];
    assert_eq!((logged.campaign.as_str(), logged.purpose.as_str()), (begun.id.as_str(), "marketing"));
    assert_eq!(logged.subject, "Spring at Corner Shop");
    let kept: Option<Vec<u8>> = sqlx::query_scalar("select filter from campaigns").fetch_one(room.db.pool()).await?;
    assert_eq!(kept, None, "to whom it went is forgotten");
    assert_eq!(room.recorded().await?, ["campaign.begun", "campaign.ended"]);
    Ok(())
}

/// NO-6, PL-2: whoever dies at a campaign, at whatever step, and however many are at it: each is written to once, and no
/// more waits than leaves the house soon.
#[tokio::test]
async fn nobody_is_written_to_twice() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    let many = usize::try_from(PAGE)? * 4 + 7;
    for number in 0..many {
        people.add(&format!("P{number}"), true);
    }
    let begun = begin(&room, spring("service")).await?;
    let (one, other) = (worker(&room)?, worker(&room)?);
    let due = "update campaigns set due_at = $1";
    let due_now = async || sqlx::query(due).bind(room.rig.clock.now()).execute(room.db.pool()).await.map(drop);
    for _ in 0..3 {
        // The lease of whoever died is over, and two take it up.
        due_now().await?;
        let (a, b) = tokio::join!(one.work_one(), async {
            due_now().await?;
            Ok::<_, anyhow::Error>(other.work_one().await?)
        });
        a?;
        b?;
    }
    let queued = get(&room, &begun.id).await?;
    assert!((ROOM..ROOM + 2 * i64::from(PAGE)).contains(&queued.waiting), "{}", queued.waiting);
    assert_eq!(queued.waiting, queued.looked_at);
    // Somebody died between writing and saying so, as far as that can be.
    sqlx::query("update campaigns set after_id = null, looked_at = 0").execute(room.db.pool()).await?;
    while room.delivery.send_due().await? > 0 {}
    finish(&room, &one).await?;
    let done = get(&room, &begun.id).await?;
    assert_eq!((done.state.as_str(), usize::try_from(done.sent)?), ("done", many));
    let mut mails = room.files("mail")?;
    assert_eq!(mails.len(), many);
    mails.retain(|mail| mail.contains("To: p7@example.com"));
    assert_eq!(mails.len(), 1);
    Ok(())
}

/// NO-6: what is stopped reaches nobody else; what has ended cannot be stopped.
#[tokio::test]
async fn a_campaign_can_be_stopped() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    for number in 0..=usize::try_from(PAGE)? {
        people.add(&format!("P{number}"), true);
    }
    let begun = begin(&room, spring("service")).await?;
    let worker = worker(&room)?;
    worker.work_one().await?;
    let stop = || CancelCampaignRequest { id: begun.id.clone() };
    let actors = &room.rig.actors;
    let denied = cancel(&room, actors.staff(&[Permission::MessagesRead], stop())).await.expect_err("reads only");
    assert_eq!(denied.code(), Code::PermissionDenied);
    let other = cancel(&room, actors.elsewhere().staff(WRITER, stop())).await.expect_err("another store's");
    assert_eq!(Told::read(&other).reason, "campaign_not_found");
    for _ in 0..2 {
        assert_eq!(cancel(&room, actors.staff(WRITER, stop())).await?.state, "cancelled");
    }
    finish(&room, &worker).await?;
    let over = get(&room, &begun.id).await?;
    assert_eq!((over.sent, over.waiting, over.skipped["cancelled"]), (0, 0, i64::from(PAGE)));
    assert!(room.files("mail")?.is_empty());
    assert_eq!(room.recorded().await?, ["campaign.begun", "campaign.cancelled"]);

    let again = keyed(actors.staff(WRITER, spring("service")), "again", "again");
    let again = CampaignServiceClient::new(room.way.clone()).begin_campaign(again).await?.into_inner();
    finish(&room, &worker).await?;
    let late = cancel(&room, actors.staff(WRITER, CancelCampaignRequest { id: again.id })).await.expect_err("ended");
    assert_eq!(Told::read(&late).reason, "campaign_ended");
    Ok(())
}

/// NO-6, PL-6: a campaign begins at its time and not a moment before.
#[tokio::test]
async fn a_campaign_waits_for_its_time() -> anyhow::Result<()> {
    let (room, people) = room().await?;
    people.add("Ada", true);
    let at: DateTime<Utc> = room.rig.clock.now() + TimeDelta::hours(1);
    let begun = begin(&room, BeginCampaignRequest { send_at: Some(timestamp(at)), ..spring("service") }).await?;
    let worker = worker(&room)?;
    room.rig.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    assert!(!worker.work_one().await?);
    assert_eq!(get(&room, &begun.id).await?.state, "queued");
    room.rig.clock.advance(TimeDelta::microseconds(1));
    assert!(worker.work_one().await?);
    finish(&room, &worker).await?;
    assert_eq!(room.files("mail")?.len(), 1);
    Ok(())
}

/// NO-6, ID-30: who begins a campaign may write and read customers; a key is needed; ten are enough at once.
#[tokio::test]
async fn not_everybody_begins_a_campaign() -> anyhow::Result<()> {
    let (room, _) = room().await?;
    let actors = &room.rig.actors;
    let mut client = CampaignServiceClient::new(room.way.clone());
    for lacking in [Permission::MessagesWrite, Permission::CustomersRead] {
        let rest: Vec<_> = Permission::ALL.iter().copied().filter(|one| *one != lacking).collect();
        let request = keyed(actors.staff(&rest, spring("service")), "spring", "spring");
        assert_eq!(client.begin_campaign(request).await.expect_err("refused").code(), Code::PermissionDenied);
    }
    let keyless = client.begin_campaign(actors.staff(WRITER, spring("service"))).await.expect_err("no key");
    assert_eq!(Told::read(&keyless).reason, "idempotency_key_required");
    let at = Some(timestamp(room.rig.clock.now() + TimeDelta::days(400)));
    let faulty = BeginCampaignRequest { name: " ".to_owned(), send_at: at, ..spring("service") };
    let told = Told::read(&begin(&room, faulty).await.expect_err("faulty"));
    let pointers: Vec<_> = told.violations.iter().map(|fault| fault.pointer.to_string()).collect();
    assert_eq!(pointers, ["/name", "/send_at"]);
    for number in 0..11 {
        let key = format!("key {number}");
        let begun = client.begin_campaign(keyed(actors.staff(WRITER, spring("service")), &key, "x")).await;
        match begun {
            Ok(_) => assert!(number < 10),
            Err(status) => assert_eq!((number, Told::read(&status).reason.as_str()), (10, "too_many_campaigns")),
        }
    }
    let list = client.list_campaigns(actors.staff(WRITER, ListCampaignsRequest::default())).await?.into_inner();
    assert_eq!(list.campaigns.len(), 10);
    let other = actors.elsewhere().staff(WRITER, ListCampaignsRequest::default());
    assert!(client.list_campaigns(other).await?.into_inner().campaigns.is_empty());
    Ok(())
}
