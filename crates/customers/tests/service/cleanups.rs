//! Clean-ups: who goes, who stays and why, and what is told of it.
use chrono::TimeDelta;
use customers::bulk::work::Worker;
use kit::{actor::Kind, permission::Permission};
use proto::customers::v1::{
    BeginCleanupRequest, CancelJobRequest, CleanupChoice, CleanupPreview, Job, JobReportPiece, ReadJobReportRequest,
    account_cleanup_service_client::AccountCleanupServiceClient, job_service_client::JobServiceClient,
};
use testing::actors::keyed;
use tonic::{Request, Status};

use crate::{
    accounts::{SWEEPER, audit, open, register},
    bulk::seen,
    shop::{PII, Shop, reason},
};

fn choice(audit: &str, kind: &str) -> CleanupChoice {
    CleanupChoice { audit: audit.to_owned(), kind: kind.to_owned(), ..CleanupChoice::default() }
}

fn wanted(choice: CleanupChoice, confirm: i64) -> BeginCleanupRequest {
    let reason = "Nobody has used them".to_owned();
    BeginCleanupRequest { choice: Some(choice), confirm, reason, ..BeginCleanupRequest::default() }
}

/// Somebody who may, and proved just now who they are.
fn sweeper<T>(shop: &Shop, message: T) -> Request<T> {
    let mut claims = shop.actors().claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = SWEEPER.iter().copied().chain([Permission::BlocksWrite]).collect();
    claims.auth_time = Some(shop.now().timestamp());
    shop.actors().request(&claims, message)
}

fn client(shop: &Shop) -> AccountCleanupServiceClient<kit::transport::Transport> {
    AccountCleanupServiceClient::new(shop.way.clone())
}

async fn begin(shop: &Shop, request: Request<BeginCleanupRequest>) -> Result<Job, Status> {
    Ok(client(shop).begin_cleanup(request).await?.into_inner())
}

async fn preview(shop: &Shop, choice: CleanupChoice) -> Result<CleanupPreview, Status> {
    Ok(client(shop).preview_cleanup(shop.actors().staff(SWEEPER, choice)).await?.into_inner())
}

async fn report(shop: &Shop, id: &str, after: &str) -> Result<JobReportPiece, Status> {
    let request = ReadJobReportRequest { id: id.to_owned(), after: after.to_owned() };
    Ok(jobs(shop).read_job_report(shop.actors().staff(SWEEPER, request)).await?.into_inner())
}

fn jobs(shop: &Shop) -> JobServiceClient<kit::transport::Transport> {
    JobServiceClient::new(shop.way.clone())
}

/// Begins and carries out; the job as it ended, and the report without its head.
async fn sweep(shop: &Shop, worker: &Worker, wanted: BeginCleanupRequest) -> anyhow::Result<(Job, String)> {
    let job = begin(shop, keyed(sweeper(shop, wanted), "sweep", "1")).await?;
    worker.work_one().await?;
    let text = String::from_utf8(report(shop, &job.id, "").await?.data.to_vec())?;
    let lines = text.strip_prefix("customer,verdict,score,reasons,outcome\r\n").expect("a head").to_owned();
    Ok((seen(shop, &job.id).await?, lines))
}

/// Three months later.
fn later(shop: &Shop) {
    shop.rig.clock.advance(TimeDelta::days(90));
}

/// AD-3: all unused accounts go but those that are left out; each is judged anew, the report tells what became of it without
/// naming anybody, and is kept for a year.
#[tokio::test]
async fn unused_accounts_go() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let mut ids = Vec::new();
    for number in 0..14 {
        ids.push(register(&shop, "Ada Lovelace", &format!("a{number}x@shop.test"), "").await?);
    }
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    let all = choice(&audit.id, "unused");
    let but = CleanupChoice { except: vec![ids[0].clone()], ..all.clone() };
    assert_eq!((preview(&shop, all.clone()).await?.accounts, preview(&shop, but.clone()).await?.accounts), (14, 13));
    assert_eq!(preview(&shop, all).await?.verdicts.len(), 14);
    let some = CleanupChoice { ids: vec![ids[0].clone()], ..choice(&audit.id, "unused") };
    assert_eq!(preview(&shop, some.clone()).await?.accounts, 1);
    assert_eq!(preview(&shop, CleanupChoice { kind: "spam".to_owned(), ..some }).await?.accounts, 0);

    // Since then one has wished for something, one has come back, and one has bought.
    shop.rig.witnesses.leave("carts", &ids[1], "wish");
    let back = "update customers set last_activity_at = $2 where id = $1";
    let uuid = |id: &str| id.parse::<kit::ids::CustomerId>().map(kit::ids::CustomerId::uuid);
    let seen_at = shop.now() - TimeDelta::days(1);
    sqlx::query(back).bind(uuid(&ids[2])?).bind(seen_at).execute(shop.db.pool()).await?;
    shop.hear(&shop.placed(&ids[3], "1", shop.now() - TimeDelta::days(2))).await?;
    let (job, lines) = sweep(&shop, &worker, wanted(but, 13)).await?;
    assert_eq!((&*job.kind, &*job.state, job.done, job.refused), ("account_cleanup", "succeeded", 13, 3));
    for (place, id) in ids.iter().enumerate().skip(1) {
        let outcome = ["", "in_use", "was_active", "has_orders"].get(place).copied().unwrap_or("deleted");
        assert!(lines.contains(&format!("{id},unused,0,,{outcome}\r\n")), "{place} {outcome}: {lines}");
        assert_eq!(shop.get(PII, id).await.is_ok(), place < 4, "{place}");
    }
    assert!(shop.get(PII, &ids[0]).await.is_ok() && !lines.contains(&ids[0]) && !lines.contains("Ada"));
    assert_eq!(shop.published("patron.customers.v1.CustomerErased").await?, 10);
    assert!(shop.audited("account_cleanup.begun").await?.after.contains(r#""accounts":13"#));

    shop.rig.clock.advance(TimeDelta::days(365) - TimeDelta::microseconds(1));
    worker.tidy().await?;
    worker.tidy().await?;
    assert!(report(&shop, &job.id, "").await.is_ok(), "still kept");
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    worker.tidy().await?;
    assert_eq!(reason(&report(&shop, &job.id, "").await.expect_err("a year")), "report_not_found");
    Ok(())
}

/// AD-3: a purchase that races a clean-up wins: begun before others are asked, while they are, and heard of in between. The
/// one who came after finds another account.
#[tokio::test]
async fn a_purchase_wins() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let mut ids = Vec::new();
    for email in ["before@mailinator.com", "while@mailinator.com", "heard@mailinator.com", "bot@mailinator.com"] {
        ids.push(register(&shop, "Ada", email, "").await?);
    }
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    assert_eq!((audit.spam, audit.unused), (4, 0));
    shop.rig.witnesses.leave("orders", &ids[0], "draft");
    let (mut customers, events) = (shop.client.clone(), shop.rig.env.db(customers::NAME)?);
    let ensure = shop.actors().system("orders", shop.somebody("while@mailinator.com"));
    let placed = shop.placed(&ids[2], "1", shop.now());
    let clock = shop.rig.clock.clone();
    shop.rig.witnesses.meanwhile(async move {
        customers.ensure_customer(ensure).await.expect("the check-out meets them");
        let mut tx = events.begin_own().await.expect("a transaction");
        let event = kit::inbox::Event::new(kit::ids::TransactionId::new(clock.now()).uuid(), &placed);
        let consumer = customers::consumer::Events::new(&clock);
        kit::inbox::Consumer::apply(&consumer, &mut tx, &event).await.expect("it is heard");
        tx.commit().await.expect("it is kept");
    });
    let (job, lines) = sweep(&shop, &worker, wanted(choice(&audit.id, "spam"), 4)).await?;
    assert_eq!((job.done, job.refused), (4, 3));
    for (id, outcome) in ids.iter().zip(["purchase_started", "seen_just_now", "has_orders", "deleted"]) {
        assert!(lines.contains(&format!("{id},spam,60,disposable_domain 60,{outcome}\r\n")), "{outcome}: {lines}");
        assert_eq!(shop.get(PII, id).await.is_ok(), outcome != "deleted");
    }
    let again = shop.meet("bot@mailinator.com", "Ada").await?;
    assert_ne!(again.id, ids[3], "whoever buys after all is somebody new");
    Ok(())
}

/// AD-3: somebody signed in who begins a purchase after others were asked is seen when they are asked again; of those who
/// would stay anyway nobody is.
#[tokio::test]
async fn others_are_asked_twice() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let (buyer, bot) = (
        register(&shop, "Ada", "in@mailinator.com", "").await?,
        register(&shop, "Ada", "bot@mailinator.com", "").await?,
    );
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    let (witnesses, id) = (shop.rig.witnesses.clone(), buyer.clone());
    shop.rig.witnesses.meanwhile(async move { witnesses.leave("orders", &id, "checkout") });
    let (job, lines) = sweep(&shop, &worker, wanted(choice(&audit.id, "spam"), 2)).await?;
    assert_eq!((job.done, job.refused), (2, 1));
    assert!(lines.contains(&format!("{buyer},spam,60,disposable_domain 60,purchase_started\r\n")), "{lines}");
    assert!(shop.get(PII, &buyer).await.is_ok() && shop.get(PII, &bot).await.is_err());
    Ok(())
}

/// AD-3, ID-26: what spam accounts were made with is kept out, of those alone that went.
#[tokio::test]
async fn spam_is_kept_out() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let (bot, wisher, lonely) = ("bot@mailinator.com", "buyer@mailinator.com", "bot@sub.mailinator.com");
    register(&shop, "Bot", bot, "").await?;
    register(&shop, "Bot", lonely, "").await?;
    let buyer = register(&shop, "Buyer", wisher, "").await?;
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    shop.rig.witnesses.leave("carts", &buyer, "cart");
    let asked = BeginCleanupRequest {
        block_emails: true,
        block_domains: true,
        block_days: 30,
        ..wanted(choice(&audit.id, "spam"), 3)
    };
    let mut claims = shop.actors().claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    (claims.perms, claims.auth_time) = (SWEEPER.iter().copied().collect(), Some(shop.now().timestamp()));
    let refused = begin(&shop, keyed(shop.actors().request(&claims, asked.clone()), "b", "b")).await;
    assert_eq!(reason(&refused.expect_err("no blocks.write")), "permission_required");
    let unused = BeginCleanupRequest { choice: Some(choice(&audit.id, "unused")), ..asked.clone() };
    let refused = begin(&shop, keyed(sweeper(&shop, unused), "u", "u")).await.expect_err("for spam alone");
    assert_eq!(crate::shop::faults(&refused)[0].0, "/block/domains");
    sweep(&shop, &worker, asked).await?;
    let added: Vec<_> = shop.rig.witnesses.added();
    let mut told: Vec<_> = added.iter().map(|(kind, value)| (&**kind, &**value)).collect();
    told.sort_unstable();
    // Of a domain with others in it the address alone is.
    assert_eq!(told, [("domain", "sub.mailinator.com"), ("email", bot), ("email", lonely)]);
    let waiting = "select count(*) from account_cleanups where gone is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(shop.db.pool()).await?, 0, "nobody's address stays");
    Ok(())
}

/// AD-3, ID-26: nobody is kept out who was not removed, and nobody forgotten who was: what accounts were made with is sent
/// when they are gone, by whoever goes on where it could not be.
#[tokio::test]
async fn blocks_come_after_removals() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let bot = register(&shop, "Bot", "bot@mailinator.com", "").await?;
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    let asked = BeginCleanupRequest { block_emails: true, ..wanted(choice(&audit.id, "spam"), 1) };
    let job = begin(&shop, keyed(sweeper(&shop, asked), "sweep", "1")).await?;
    let fail = "create function die() returns trigger language plpgsql as $$ begin raise 'dead'; end $$;
                create trigger die before update on account_cleanup_lines for each row execute function die()";
    sqlx::raw_sql(fail).execute(shop.db.pool()).await?;
    worker.work_one().await?;
    assert!(shop.get(PII, &bot).await.is_ok() && shop.rig.witnesses.added().is_empty(), "neither gone nor kept out");
    sqlx::raw_sql("drop trigger die on account_cleanup_lines").execute(shop.db.pool()).await?;
    // Identity cannot be told: the account is gone, and its address waits, sealed.
    let witnesses = shop.rig.witnesses.clone();
    shop.rig.witnesses.meanwhile(async move { witnesses.close() });
    shop.rig.clock.advance(TimeDelta::seconds(60));
    worker.work_one().await?;
    assert!(shop.get(PII, &bot).await.is_err() && shop.rig.witnesses.added().is_empty());
    let gone: Vec<u8> = sqlx::query_scalar("select gone from account_cleanups").fetch_one(shop.db.pool()).await?;
    assert!(!gone.windows(3).any(|part| part == b"bot"), "it lies open");
    shop.rig.witnesses.open();
    shop.rig.clock.advance(TimeDelta::seconds(60));
    worker.work_one().await?;
    assert_eq!(shop.rig.witnesses.added(), [("email".to_owned(), "bot@mailinator.com".to_owned())]);
    assert_eq!(&*seen(&shop, &job.id).await?.state, "succeeded");
    Ok(())
}

/// AD-3, ID-20, ID-22: it takes the permission, a fresh proof by a person, a key, a reason, an audit that came to its end, and
/// the number of accounts.
#[tokio::test]
async fn nobody_is_removed_lightly() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    register(&shop, "Ada", "ada@shop.test", "").await?;
    later(&shop);
    let audit = audit(&shop, &worker).await?;
    let asked = || wanted(choice(&audit.id, "unused"), 1);
    let mut number = 0;
    let mut refused = async |request: Request<BeginCleanupRequest>| {
        number += 1;
        let key = format!("k{number}");
        begin(&shop, keyed(request, &key, "x")).await.map_err(|status| reason(&status)).expect_err("refused")
    };
    assert_eq!(refused(shop.actors().staff(PII, asked())).await, "permission_required");
    assert_eq!(refused(shop.actors().staff(SWEEPER, asked())).await, "step_up_required");
    let mut key = shop.actors().claims(Kind::ApiKey, "akey_01a2013e22517bdc8062166f3d6df22e");
    (key.perms, key.auth_time) = (SWEEPER.iter().copied().collect(), Some(shop.now().timestamp()));
    assert_eq!(refused(shop.actors().request(&key, asked())).await, "wrong_caller");
    for confirm in [0, 2] {
        assert_eq!(refused(sweeper(&shop, BeginCleanupRequest { confirm, ..asked() })).await, "confirmation_mismatch");
    }
    assert_eq!(refused(sweeper(&shop, BeginCleanupRequest { reason: " ".to_owned(), ..asked() })).await, "invalid");
    assert_eq!(refused(sweeper(&shop, wanted(choice(&audit.id, "both"), 1))).await, "invalid");
    let nobodys = "acau_01939b7e5d3c7a2c9d2f1e0b7c6a5d41";
    assert_eq!(refused(sweeper(&shop, wanted(choice(nobodys, "unused"), 1))).await, "account_audit_not_found");
    let running_job = crate::accounts::begin(&shop).await?.id;
    let running = running_job.replace("job_customers_", "acau_");
    assert_eq!(refused(sweeper(&shop, wanted(choice(&running, "unused"), 1))).await, "account_audit_unfinished");
    let told = reason(&crate::bulk::report(&shop, &running_job, "").await.expect_err("no clean-up"));
    assert_eq!(told, "permission_required", "nor is a report told, or an audit stopped, without the permission");
    let stop = CancelJobRequest { id: running_job };
    let told = jobs(&shop).cancel_job(shop.clerk(stop)).await.expect_err("no clean-up");
    assert_eq!(reason(&told), "permission_required");
    let bare = begin(&shop, sweeper(&shop, asked())).await.expect_err("no key");
    assert_eq!(reason(&bare), "idempotency_key_required");
    let job = begin(&shop, keyed(sweeper(&shop, asked()), "once", "x")).await?;
    assert_eq!(begin(&shop, keyed(sweeper(&shop, asked()), "once", "x")).await?.id, job.id, "a repetition is the same");
    Ok(())
}
