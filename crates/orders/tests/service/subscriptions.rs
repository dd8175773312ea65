//! How subscriptions begin, and what customers and staff do with them (OR-7).
use chrono::TimeDelta;
use holdings::{Person, work::Forgetter};
use kit::{clock::timestamp, ids::OrderId, permission::Permission};
use orders::{consumer::Events, erasure::Erasure};
use prost::Message as _;
use proto::{
    base::v1::{Audited, Condition, Filter, filter::Node},
    customers::v1::CustomerInactivated,
    orders::v1::{
        CancelSubscriptionRequest, ChangePlanRequest, GetSubscriptionRequest, ListSubscriptionsRequest,
        PauseSubscriptionRequest, SetPaymentMethodRequest, SetRenewalTargetRequest, Subscription,
    },
};
use testing::{
    actors::{if_match, keyed},
    merges::{hear, merged},
};

use crate::{
    counter::eur,
    shop::{Shop, payment, reason, wish},
    subscribers::{STAFF, monthly, renewal},
};

/// OR-7: a paid order begins one subscription for each line with a plan, in the same transaction, however often its payment is
/// asked about; what is bought once begins none.
#[tokio::test]
async fn a_paid_line_begins_one() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    assert_eq!((&*one.status, one.quantity, one.amount.clone(), one.resumable), ("active", 1, eur(1200), true));
    assert_eq!(one.renews_at, Some(timestamp("2026-04-02T11:00:00Z".parse()?)), "noon in Berlin, in summer");
    assert_eq!(one.period_start, Some(timestamp(shop.rig.clock.now())));
    assert_eq!(shop.events().await?, ["OrderPlaced", "PaymentCaptured", "LibraryChanged", "SubscriptionStarted"]);
    let plain = shop.checkout().await?.token;
    shop.capture(&plain, "pm_test_ok").await?;
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 1);
    Ok(())
}

/// OR-7: nothing begins with a payment that was declined; once, with one that was taken while nobody listened.
#[tokio::test]
async fn an_unpaid_line_begins_none() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.planned(&monthly(&shop, 0));
    let token = shop.begin(&cart.id).await?.token;
    assert_eq!(shop.capture(&token, "pm_test_declined").await?.status, "declined");
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 0);
    assert_eq!(shop.capture(&token, "pm_test_timeout").await?.status, "pending");
    shop.rig.clock.advance(TimeDelta::seconds(12));
    let (one, other) = (shop.finisher(), shop.finisher());
    let (one, other) = tokio::join!(one.round(), other.round());
    one?;
    other?;
    assert_eq!(shop.status(&token).await?.status, "completed");
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 1);
    Ok(())
}

/// OR-7, CU-15: an invoice that is paid after its customer was erased begins nothing, and whoever is found to be gone when a
/// renewal is due is not charged any more.
#[tokio::test]
async fn nobody_goes_on_to_pay_who_is_gone() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let cart = shop.planned(&monthly(&shop, 0));
    let token = shop.begin_by(shop.rig.actors.anonymous(wish(&cart.id, "manual"))).await?.token;
    let order = shop.capture_by(shop.rig.actors.anonymous(payment(&token, ""))).await?.order.expect("an order");
    let erased = "insert into erasures (realm_id, customer_id, job_id, at)
                  select realm_id, customer_id, 'job_1', now() from orders where id = $1";
    sqlx::query(erased).bind(order.id.parse::<OrderId>()?).execute(shop.db.pool()).await?;
    shop.mark_paid(&order, None).await?;
    assert_eq!(shop.count("select count(*) from subscriptions").await?, 1);

    shop.people.forget("ann@example.com");
    shop.pass(renewal(&one)).await?;
    let ended = shop.now(&one).await?;
    assert_eq!((&*ended.status, ended.ended, ended.renewals.len()), ("cancelled", true, 0));
    Ok(())
}

/// OR-7: during a trial the line costs nothing, and what it costs then is due when the trial ends.
#[tokio::test]
async fn a_trial_costs_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 14)).await?;
    assert_eq!((one.trial_ends_at, one.amount.clone()), (one.period_end, eur(1200)));
    let paid = "select coalesce(sum(amount), 0)::bigint from transactions";
    assert_eq!(shop.count(paid).await?, 3998, "the mugs");
    shop.pass(renewal(&one) - TimeDelta::microseconds(1)).await?;
    assert_eq!(shop.count(paid).await?, 3998);
    shop.pass(renewal(&one)).await?;
    assert_eq!(shop.count(paid).await?, 3998 + 1200);
    Ok(())
}

/// OR-7, ID-30: customers see and change their own only, staff those of their store by permission; a version that was not
/// seen is refused, and a repetition changes nothing.
#[tokio::test]
async fn whose_it_is() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ann, bob) = (shop.customer("ann@example.com"), shop.customer("bob@example.com"));
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let get = || GetSubscriptionRequest { id: one.id.clone() };
    let mut client = shop.subscriptions();
    assert_eq!(reason(client.get_subscription(shop.rig.actors.customer(bob, get())).await), "subscription_not_found");
    let away = shop.rig.actors.elsewhere();
    assert_eq!(reason(client.get_subscription(away.staff(&STAFF, get())).await), "subscription_not_found");
    assert_eq!(reason(client.get_subscription(shop.rig.actors.staff(&[], get())).await), "permission_required");
    assert_eq!(reason(client.get_subscription(shop.rig.actors.anonymous(get())).await), "unauthenticated");
    assert_eq!(reason(shop.leave(bob, &one, "").await), "subscription_not_found");
    assert_eq!(reason(shop.leave(ann, &one, "now").await), "permission_required");
    let cancel =
        |reason: &str| CancelSubscriptionRequest { id: one.id.clone(), when: "now".into(), reason: reason.into() };
    let reader = shop.rig.actors.staff(&[Permission::OrdersRead], cancel("Asked."));
    assert_eq!(reason(client.cancel_subscription(reader).await), "permission_required");
    let silent = shop.rig.actors.staff(&STAFF, cancel(" "));
    assert_eq!(reason(client.cancel_subscription(silent).await), "invalid");
    let stale = if_match(shop.rig.actors.staff(&STAFF, cancel("Asked.")), one.version + 1);
    assert_eq!(reason(client.cancel_subscription(stale).await), "stale_version");
    let rest = || PauseSubscriptionRequest { id: one.id.clone(), ..Default::default() };
    let rest = || keyed(shop.rig.actors.customer(ann, rest()), "k", "f");
    let rests = client.pause_subscription(rest()).await?.into_inner();
    assert_eq!(client.pause_subscription(rest()).await?.into_inner(), rests, "done once, and told twice");
    let by = if_match(shop.rig.actors.staff(&STAFF, cancel("Ms Ann asked.")), rests.version);
    let gone = client.cancel_subscription(by).await?.into_inner();
    assert_eq!((&*gone.status, gone.ended, &*gone.reason, gone.renews_at), ("cancelled", true, "Ms Ann asked.", None));
    let blind = shop.rig.actors.staff(&[Permission::OrdersRead], get());
    let masked = client.get_subscription(blind).await?.into_inner();
    assert_eq!((&*masked.reason, &*masked.redacted), ("***", &["reason".to_owned()][..]));
    assert_eq!(shop.own(ann).await?[0].reason, "", "what staff write is for staff");
    let events = shop.events().await?;
    assert_eq!(events[events.len() - 3..], ["SubscriptionChanged", "SubscriptionEnded", "Audited"]);
    Ok(())
}

/// OR-7, AD-1: the audit says that staff gave a reason; its words, which may be personal, stay with the subscription.
#[tokio::test]
async fn the_audit_knows_of_a_reason() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let cancel = CancelSubscriptionRequest { id: one.id, when: "now".into(), reason: "Ms Ann asked.".into() };
    shop.subscriptions().cancel_subscription(shop.rig.actors.staff(&STAFF, cancel)).await?;
    let newest = "select payload from outbox where subject = 'patron.orders.v1.Audited' order by id desc limit 1";
    let newest: Vec<u8> = sqlx::query_scalar(newest).fetch_one(shop.db.pool()).await?;
    let entry = Audited::decode(newest.as_slice())?;
    assert_eq!((&*entry.action, &*entry.reason), ("subscription.cancelled", "\"***\""));
    Ok(())
}

/// OR-7: cancelled as of the end of the period: it can go on until then, and is over afterwards without a charge.
#[tokio::test]
async fn cancelled_and_taken_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let leaving = shop.leave(ann, &one, "").await?;
    assert_eq!((&*leaving.status, leaving.ended, leaving.ends_at), ("cancelled", false, one.period_end));
    let back = shop.go_on(ann, &one).await?;
    assert_eq!((&*back.status, back.renews_at, back.ends_at), ("active", one.period_end, None));
    assert_eq!(shop.rest(ann, &one).await?.status, "paused");
    shop.go_on(ann, &one).await?;
    shop.leave(ann, &one, "period_end").await?;
    shop.pass(renewal(&one)).await?;
    let over = shop.now(&one).await?;
    assert_eq!((&*over.status, over.ended, over.renewals.len()), ("cancelled", true, 0));
    let kinds: Vec<_> = over.history.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["started", "cancelled", "resumed", "paused", "resumed", "cancelled", "ended"]);
    assert_eq!(reason(shop.go_on(ann, &one).await), "subscription_closed");
    Ok(())
}

/// OR-7: customers change what is renewed where the product allows it, and anybody to a plan that is sold, as of the next
/// renewal.
#[tokio::test]
async fn targets_and_plans_are_the_catalogs() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let mut product = shop.goods.0.lock().unwrap()[&one.product].clone();
    let target = product.renewal_targets[0].id.clone();
    let aim = |target: &str| SetRenewalTargetRequest { id: one.id.clone(), target: target.to_owned() };
    let mut client = shop.subscriptions();
    let own = shop.rig.actors.customer(ann, aim(&target));
    assert_eq!(reason(client.set_renewal_target(own).await), "renewal_target_fixed");
    let set = client.set_renewal_target(shop.rig.actors.staff(&STAFF, aim(&target))).await?.into_inner();
    assert_eq!(set.target.expect("a target").name, "Server 1");
    product.renewal_target_changeable = true;
    let mut yearly = monthly(&shop, 30);
    (yearly.interval, yearly.price) = ("year".to_owned(), eur(10_000));
    product.plans.push(yearly.clone());
    shop.goods.put(product);
    assert_eq!(
        reason(client.set_renewal_target(shop.rig.actors.customer(ann, aim("rtgt_x"))).await),
        "renewal_target_not_found"
    );
    client.set_renewal_target(shop.rig.actors.customer(ann, aim(&target))).await?;
    let plan =
        |plan: &str| shop.rig.actors.customer(ann, ChangePlanRequest { id: one.id.clone(), plan: plan.to_owned() });
    assert_eq!(reason(client.change_plan(plan("plan_x")).await), "plan_not_found");
    let agreed = client.change_plan(plan(&yearly.id)).await?.into_inner();
    assert_eq!((agreed.amount.clone(), agreed.period_end), (eur(10_000), one.period_end));
    shop.pass(renewal(&one)).await?;
    let renewed = shop.now(&one).await?;
    assert_eq!((renewed.terms.expect("terms").plan, renewed.next_terms), (yearly.id, None));
    assert_eq!(renewed.period_end, Some(timestamp("2027-04-02T11:00:00Z".parse()?)), "a trial is for those who begin");
    Ok(())
}

/// OR-7: another method has a failed renewal charged again; the number of a card is none.
#[tokio::test]
async fn another_method_pays_what_is_due() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_renewal_declined", &monthly(&shop, 0)).await?;
    shop.pass(renewal(&one)).await?;
    let owing = shop.now(&one).await?;
    assert_eq!((&*owing.status, owing.failures), ("past_due", 1));
    let by = |method: &str| {
        let request = SetPaymentMethodRequest { id: one.id.clone(), payment_method: method.to_owned() };
        shop.rig.actors.customer(ann, request)
    };
    let mut client = shop.subscriptions();
    assert_eq!(reason(client.set_payment_method(by("4242424242424242")).await), "payment_method_unknown");
    client.set_payment_method(by("pm_test_ok")).await?;
    shop.pass(shop.rig.clock.now()).await?;
    let paid = shop.now(&one).await?;
    assert_eq!((&*paid.status, paid.failures, &*paid.renewals[0].payment_status), ("active", 0, "paid"));
    assert_eq!(paid.period_start, one.period_end);
    Ok(())
}

/// OR-7: the order that is called off takes with it what it began.
#[tokio::test]
async fn a_cancelled_order_ends_what_it_began() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let request =
        shop.rig.actors.staff(&crate::counter::ALL, proto::orders::v1::GetOrderRequest { id: one.order.clone() });
    let order = shop.orders.clone().get_order(request).await?.into_inner();
    shop.cancel(&order).await?;
    let over = shop.now(&one).await?;
    assert_eq!((&*over.status, over.ended), ("cancelled", true));
    shop.pass(renewal(&one)).await?;
    assert!(shop.now(&one).await?.renewals.is_empty());
    Ok(())
}

/// OR-7: lists by status, product and time, page by page.
#[tokio::test]
async fn they_are_listed() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ann, bob) = (shop.customer("ann@example.com"), shop.customer("bob@example.com"));
    let mut all: Vec<Subscription> = Vec::new();
    for customer in [ann, bob, ann] {
        all.push(shop.subscribe(customer, "pm_test_ok", &monthly(&shop, 0)).await?);
        shop.rig.clock.advance(TimeDelta::seconds(1));
    }
    shop.leave(ann, &all[0], "").await?;
    let found = async |field: &str, op: &str, value: &str| {
        let condition = Condition { field: field.into(), op: op.into(), values: vec![value.into()] };
        let filter = Some(Filter { node: Some(Node::Condition(condition)) });
        let request = shop.rig.actors.staff(&STAFF, ListSubscriptionsRequest { filter, ..Default::default() });
        let found = shop.subscriptions().list_subscriptions(request).await?.into_inner().subscriptions;
        anyhow::Ok(found.iter().map(|one| all.iter().position(|known| known.id == one.id)).collect::<Vec<_>>())
    };
    assert_eq!(found("status", "eq", "cancelled").await?, [Some(0)]);
    assert_eq!(found("status", "eq", "active").await?, [Some(2), Some(1)]);
    assert_eq!(found("product", "eq", &all[1].product).await?, [Some(1)]);
    assert_eq!(found("renews_at", "lt", "2026-04-02T11:00:01.5Z").await?, [Some(1)], "who left renews at no time");
    assert_eq!(found("renews_at", "gt", "2026-04-02T11:00:00Z").await?, [Some(2), Some(1)]);
    assert_eq!(found("created_at", "gt", "2026-03-02T12:00:01.5Z").await?, [Some(2)]);
    let request =
        shop.rig.actors.staff(&STAFF, ListSubscriptionsRequest { customer: bob.into(), ..Default::default() });
    assert_eq!(shop.subscriptions().list_subscriptions(request).await?.into_inner().subscriptions.len(), 1);
    assert_eq!(shop.own(ann).await?.len(), 2);
    Ok(())
}

/// CU-13: they move with their customer, and what is renewed later is the kept record's.
#[tokio::test]
async fn they_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let events = Events { clock: shop.rig.clock.clone() };
    let (kept, gone) = (shop.customer("kept@example.com"), shop.customer("gone@example.com"));
    let one = shop.subscribe(gone, "pm_test_ok", &monthly(&shop, 0)).await?;
    let event = merged(&shop.rig, kept, gone);
    hear(&shop.db, &events, &event).await?;
    hear(&shop.db, &events, &event).await?;
    assert_eq!((shop.own(kept).await?.len(), shop.now(&one).await?.customer), (1, kept.into()));
    shop.pass(renewal(&one)).await?;
    let renewed = shop.now(&one).await?.renewals.remove(0).order;
    let get = shop.rig.actors.staff(&crate::counter::ALL, proto::orders::v1::GetOrderRequest { id: renewed });
    assert_eq!(shop.orders.clone().get_order(get).await?.into_inner().customer, String::from(kept));
    Ok(())
}

/// ID-9, OR-7: nobody is charged who cannot get in to end it; what was past due ends. Hearing of it twice changes nothing.
#[tokio::test]
async fn who_is_locked_out_is_not_charged() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let events = Events { clock: shop.rig.clock.clone() };
    let (ann, bob) = (shop.customer("ann@example.com"), shop.customer("bob@example.com"));
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let late = shop.subscribe(ann, "pm_test_renewal_declined", &monthly(&shop, 0)).await?;
    let other = shop.subscribe(bob, "pm_test_ok", &monthly(&shop, 0)).await?;
    shop.pass(renewal(&late)).await?;
    assert_eq!(shop.now(&late).await?.status, "past_due");
    let locked = CustomerInactivated {
        realm: shop.rig.actors.realm.into(),
        customer: ann.into(),
        at: Some(kit::clock::timestamp(shop.rig.clock.now())),
    };
    hear(&shop.db, &events, &locked).await?;
    hear(&shop.db, &events, &locked).await?;
    let (rests, ended) = (shop.now(&one).await?, shop.now(&late).await?);
    assert_eq!((&*rests.status, ended.ended, rests.renewals.len()), ("paused", true, 1));
    shop.pass(renewal(&shop.now(&other).await?)).await?;
    assert_eq!(shop.now(&one).await?.renewals.len(), 1, "nothing more");
    assert_eq!(shop.now(&other).await?.renewals.len(), 2, "the others go on");
    Ok(())
}

/// CU-15: nothing is charged any more once somebody was erased.
#[tokio::test]
async fn an_erasure_ends_them() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ann, bob) = (shop.customer("ann@example.com"), shop.customer("bob@example.com"));
    let one = shop.subscribe(ann, "pm_test_ok", &monthly(&shop, 0)).await?;
    let other = shop.subscribe(bob, "pm_test_ok", &monthly(&shop, 0)).await?;
    let mut tx = shop.db.begin_own().await?;
    let mut person = Person::unknown(shop.rig.actors.realm, ann, shop.rig.clock.now());
    Erasure { clock: shop.rig.clock.clone() }.prepare(&mut tx, &mut person).await?;
    tx.commit().await?;
    shop.pass(renewal(&one)).await?;
    let (one, other) = (shop.now(&one).await?, shop.now(&other).await?);
    assert_eq!((one.ended, one.renewals.len(), other.ended, other.renewals.len()), (true, 0, false, 1));
    Ok(())
}
