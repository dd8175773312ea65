//! Audits of accounts: what is found of whom, when, and at whose word.
use chrono::TimeDelta;
use customers::bulk::work::Worker;
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    customers::v1::{
        AccountAudit, AccountRules, BeginAccountAuditRequest, CancelJobRequest, ChangeAccountRulesRequest,
        GetAccountAuditRequest, GetAccountRulesRequest, Job, ListAccountAuditsRequest, ListVerdictsRequest,
        ListVerdictsResponse, RegisterCustomerRequest, account_audit_service_client::AccountAuditServiceClient,
        job_service_client::JobServiceClient,
    },
};
use testing::{
    Rig,
    actors::{if_match, keyed},
};
use tonic::{Request, Status};

use crate::{
    bulk::seen,
    shop::{NO_PII, Shop, faults, reason},
};

/// Who may clean up.
pub const SWEEPER: &[Permission] =
    &[Permission::CustomersCleanup, Permission::CustomersRead, Permission::CustomersWrite, Permission::CustomersPii];

/// A shop with its worker, where others answer what they know of accounts.
pub async fn open() -> anyhow::Result<(Shop, Worker)> {
    let rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
    let way = rig.serve_with(customers::service(&rig.env)?, Vec::new(), rig.witnesses.services())?;
    let (client, db) = (crate::shop::Client::new(way.clone()), rig.env.db(customers::NAME)?);
    let worker = Worker::of(&rig.env)?;
    Ok((Shop { rig, client, way, db }, worker))
}

/// Registers somebody from a network address.
pub async fn register(shop: &Shop, name: &str, email: &str, ip: &str) -> anyhow::Result<String> {
    let request = RegisterCustomerRequest {
        realm: shop.actors().realm.into(),
        store: shop.actors().store.into(),
        email: email.to_owned(),
        name: name.to_owned(),
        ip: ip.to_owned(),
        ..RegisterCustomerRequest::default()
    };
    let answer = shop.client.clone().register_customer(shop.actors().system("identity", request)).await?;
    Ok(answer.into_inner().id)
}

pub fn client(shop: &Shop) -> AccountAuditServiceClient<kit::transport::Transport> {
    AccountAuditServiceClient::new(shop.way.clone())
}

pub async fn begin(shop: &Shop) -> Result<Job, Status> {
    Ok(client(shop).begin_account_audit(shop.actors().staff(SWEEPER, BeginAccountAuditRequest {})).await?.into_inner())
}

/// Looks all accounts through; what was found.
pub async fn audit(shop: &Shop, worker: &Worker) -> anyhow::Result<AccountAudit> {
    let job = begin(shop).await?;
    while worker.audit_one().await? {}
    found(shop, &job.id).await
}

async fn found(shop: &Shop, job: &str) -> anyhow::Result<AccountAudit> {
    let id = job.replace("job_customers_", "acau_");
    let request = shop.actors().staff(SWEEPER, GetAccountAuditRequest { id });
    Ok(client(shop).get_account_audit(request).await?.into_inner())
}

async fn verdicts(shop: &Shop, request: ListVerdictsRequest) -> Result<ListVerdictsResponse, Status> {
    Ok(client(shop).list_verdicts(shop.actors().staff(SWEEPER, request)).await?.into_inner())
}

fn numbers(audit: &AccountAudit) -> (i64, i64, i64, i64) {
    (audit.accounts, audit.active, audit.unused, audit.spam)
}

fn emails(list: &ListVerdictsResponse) -> Vec<&str> {
    list.verdicts.iter().filter_map(|verdict| Some(verdict.customer.as_ref()?.email.as_str())).collect()
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

/// AD-2: accounts are active, unused or suspected; each verdict has its score and reasons, lists filter by them, and guests
/// have no account. Whoever left anything anywhere is active.
#[tokio::test]
async fn accounts_are_told_apart() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let witnesses = &shop.rig.witnesses;
    register(&shop, "Ada Lovelace", "ada@shop.test", "198.51.100.7").await?;
    for (service, kind) in [("carts", "wish"), ("carts", "cart"), ("identity", "sign_in"), ("orders", "draft")] {
        let id = register(&shop, "Bob", &format!("{kind}@shop.test"), "").await?;
        witnesses.leave(service, &id, kind);
    }
    let buyer = register(&shop, "www.buyer.com", "buyer@mailinator.com", "").await?;
    shop.hear(&shop.placed(&buyer, "1", shop.now())).await?;
    register(&shop, "asdfgh", "bot@mailinator.com", "").await?;
    shop.rig.clock.advance(TimeDelta::milliseconds(1)); // of equals the later one comes first
    register(&shop, "Eve", "blocked@shop.test", "").await?;
    witnesses.block("blocked@shop.test");
    shop.meet("guest@mailinator.com", "www.guest.com").await?;
    shop.rig.clock.advance(days(90));
    register(&shop, "Young", "young@shop.test", "").await?;

    let audit = audit(&shop, &worker).await?;
    assert_eq!((numbers(&audit), &*audit.state), ((9, 6, 1, 2), "succeeded"));
    let all = ListVerdictsRequest { audit: audit.id.clone(), ..ListVerdictsRequest::default() };
    let list = verdicts(&shop, all.clone()).await?;
    assert_eq!(emails(&list), ["blocked@shop.test", "bot@mailinator.com", "ada@shop.test"]);
    let bot = &list.verdicts[1];
    let reasons: Vec<_> = bot.reasons.iter().map(|reason| (&*reason.code, reason.weight)).collect();
    assert_eq!((&*bot.kind, bot.score), ("spam", 100));
    assert_eq!(reasons, [("disposable_domain", 60), ("gibberish_name", 40)]);
    for (kind, reason, score, expected) in [
        ("unused", "", 0, vec!["ada@shop.test"]),
        ("spam", "", 0, vec!["bot@mailinator.com", "blocked@shop.test"]),
        ("", "blocked", 0, vec!["blocked@shop.test"]),
        ("", "", 100, vec!["bot@mailinator.com", "blocked@shop.test"]),
        ("unused", "blocked", 0, vec![]),
    ] {
        let some = ListVerdictsRequest { kind: kind.to_owned(), reason: reason.to_owned(), score, ..all.clone() };
        let mut found =
            emails(&verdicts(&shop, some.clone()).await?).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{some:?}");
    }
    let unknown = ListVerdictsRequest { reason: "ugly".to_owned(), ..all };
    assert_eq!(faults(&verdicts(&shop, unknown).await.expect_err("no such reason"))[0].1, "unknown_value");
    Ok(())
}

/// AD-2, ID-23: pages follow each other without a gap, and whoever may not see who people are sees masked ones.
#[tokio::test]
async fn verdicts_are_paged_and_masked() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    for number in 0..450 {
        register(&shop, "Ada", &format!("c{number}x@shop.test"), "").await?;
    }
    shop.rig.clock.advance(days(90));
    let audit = audit(&shop, &worker).await?;
    assert_eq!(numbers(&audit), (450, 0, 450, 0), "more than one batch");
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = Some(PageRequest { limit: 100, after, ..PageRequest::default() });
        let request = ListVerdictsRequest { audit: audit.id.clone(), page, ..ListVerdictsRequest::default() };
        let list = verdicts(&shop, request).await?;
        all.extend(emails(&list).into_iter().map(str::to_owned));
        after = list.page.unwrap_or_default().next;
        if after.is_empty() {
            break;
        }
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 450);
    let blind = [Permission::CustomersCleanup, Permission::CustomersRead];
    let request = ListVerdictsRequest { audit: audit.id.clone(), ..ListVerdictsRequest::default() };
    let list = client(&shop).list_verdicts(shop.actors().staff(&blind, request.clone())).await?.into_inner();
    assert!(emails(&list).iter().all(|email| email.contains("***")), "{list:?}");
    let refused = client(&shop).list_verdicts(shop.actors().staff(NO_PII, request)).await.expect_err("not theirs");
    assert_eq!(reason(&refused), "permission_required");
    Ok(())
}

/// AD-2: many from one network within an hour are told, and are no spam for that alone; a series besides is.
#[tokio::test]
async fn bursts_are_seen_and_do_not_suffice() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    for number in 0..50 {
        let school =
            format!("{}@school.test", char::from(b'a' + number % 26).to_string().repeat(usize::from(number / 26) + 3));
        register(&shop, "Pupil", &school, &format!("198.51.100.{number}")).await?;
    }
    for number in 0..5 {
        register(&shop, "asdfgh", &format!("bot{number}@bots.test"), "198.51.100.200").await?;
        register(&shop, "Pupil", &format!("pupil{number}@school.test"), "198.51.100.201").await?;
    }
    let audit = audit(&shop, &worker).await?;
    assert_eq!(numbers(&audit), (60, 55, 0, 5));
    let request = ListVerdictsRequest { audit: audit.id, ..ListVerdictsRequest::default() };
    for verdict in verdicts(&shop, request).await?.verdicts {
        let reasons: Vec<_> = verdict.reasons.iter().map(|reason| (&*reason.code, reason.count)).collect();
        assert_eq!((verdict.score, reasons), (85, vec![("gibberish_name", 0), ("burst", 50), ("email_series", 5)]));
    }
    Ok(())
}

/// AD-2: what cannot be asked makes nobody unused: the audit goes on where it stood when it can, and gives up at last.
#[tokio::test]
async fn who_cannot_be_asked_says_nothing() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    register(&shop, "Ada", "ada@shop.test", "").await?;
    shop.rig.clock.advance(days(90));
    shop.rig.witnesses.silence(true);
    let job = begin(&shop).await?;
    worker.audit_one().await?;
    assert_eq!(numbers(&found(&shop, &job.id).await?), (0, 0, 0, 0));
    shop.rig.witnesses.silence(false);
    assert!(!worker.audit_one().await?, "its lease still runs");
    shop.rig.clock.advance(TimeDelta::seconds(60));
    worker.audit_one().await?;
    assert_eq!(numbers(&found(&shop, &job.id).await?), (1, 0, 1, 0));
    shop.rig.witnesses.silence(true);
    let job = begin(&shop).await?;
    for _ in 0..6 {
        worker.audit_one().await?;
        shop.rig.clock.advance(TimeDelta::seconds(60));
    }
    assert_eq!(
        (&*found(&shop, &job.id).await?.state, seen(&shop, &job.id).await?.failure),
        ("failed", "gave_up".into())
    );
    Ok(())
}

/// AD-2: one at a time in a customer base; it can be stopped; others' audits are nobody's; the newest comes first.
#[tokio::test]
async fn audits_take_turns() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    let ada = register(&shop, "Ada", "ada@shop.test", "").await?;
    let first = begin(&shop).await?;
    assert_eq!(reason(&begin(&shop).await.expect_err("one goes on")), "account_audit_running");
    let stop = shop.actors().staff(SWEEPER, CancelJobRequest { id: first.id.clone() });
    let stopped = JobServiceClient::new(shop.way.clone()).cancel_job(stop).await?.into_inner();
    assert_eq!((&*stopped.kind, &*stopped.state), ("account_audit", "cancelled"));
    assert!(!worker.audit_one().await?);
    shop.rig.clock.advance(TimeDelta::milliseconds(1)); // ids are in order from one millisecond to the next
    let second = audit(&shop, &worker).await?;
    let request = shop.actors().staff(SWEEPER, ListAccountAuditsRequest { page: None });
    let list = client(&shop).list_account_audits(request).await?.into_inner();
    let states: Vec<_> = list.audits.iter().map(|audit| (&*audit.id, &*audit.state)).collect();
    assert_eq!(states, [(&*second.id, "succeeded"), (&*first.id.replace("job_customers_", "acau_"), "cancelled")]);
    let other = shop.actors().elsewhere();
    let foreign = other.staff(SWEEPER, GetAccountAuditRequest { id: second.id.clone() });
    let refused = client(&shop).get_account_audit(foreign).await.expect_err("another base");
    assert_eq!(reason(&refused), "account_audit_not_found");
    let kept = "select count(*) from account_verdicts";
    shop.rig.clock.advance(days(90));
    audit(&shop, &worker).await?;
    assert_eq!(sqlx::query_scalar::<_, i64>(kept).fetch_one(shop.db.pool()).await?, 1);
    crate::erasure::forget(&shop, &ada).await?;
    assert_eq!(
        sqlx::query_scalar::<_, i64>(kept).fetch_one(shop.db.pool()).await?,
        0,
        "a verdict goes with its account"
    );
    Ok(())
}

/// AD-2: scheduled audits come when their time has come, once, and what was found is kept for 90 days.
#[tokio::test]
async fn audits_come_by_schedule() -> anyhow::Result<()> {
    let (shop, worker) = open().await?;
    register(&shop, "Ada", "ada@shop.test", "").await?;
    let change = |request: ChangeAccountRulesRequest| keyed(shop.actors().staff(SWEEPER, request), "k", "rules");
    let rules = async |request: Request<ChangeAccountRulesRequest>| -> Result<AccountRules, Status> {
        Ok(client(&shop).change_account_rules(request).await?.into_inner())
    };
    let usual = client(&shop).get_account_rules(shop.actors().staff(SWEEPER, GetAccountRulesRequest {})).await?;
    let usual = usual.into_inner();
    assert_eq!((&*usual.schedule, usual.quiet_days, usual.threshold, usual.version), ("off", 90, 60, 1));
    let weekly = ChangeAccountRulesRequest { schedule: Some("weekly".to_owned()), ..Default::default() };
    let stale = rules(if_match(shop.actors().staff(SWEEPER, weekly.clone()), 7)).await.expect_err("stale");
    assert_eq!(reason(&stale), "stale_version");
    let set = rules(change(weekly)).await?;
    assert_eq!((&*set.schedule, set.version), ("weekly", 2));
    assert!(shop.audited("account_rules.updated").await?.after.contains("weekly"));

    let runs = "select count(*) from account_audits";
    let runs = async || sqlx::query_scalar::<_, i64>(runs).fetch_one(shop.db.pool()).await;
    shop.rig.clock.advance(days(7) - TimeDelta::microseconds(1));
    assert!(!worker.audit_one().await? && runs().await? == 0);
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert!(worker.audit_one().await? && !worker.audit_one().await?);
    assert_eq!(runs().await?, 1);
    let request = shop.actors().staff(SWEEPER, ListAccountAuditsRequest { page: None });
    assert_eq!(client(&shop).list_account_audits(request).await?.into_inner().audits[0].created_by, "customers");
    shop.rig.clock.advance(days(7));
    assert!(worker.audit_one().await?);
    assert_eq!(runs().await?, 2);

    let off = ChangeAccountRulesRequest { schedule: Some("off".to_owned()), ..Default::default() };
    rules(shop.actors().staff(SWEEPER, off)).await?;
    shop.rig.clock.advance(days(83));
    assert_eq!((worker.tidy().await?, worker.audit_one().await?), (1, false), "the first is 90 days old");
    assert_eq!(runs().await?, 1);
    Ok(())
}
