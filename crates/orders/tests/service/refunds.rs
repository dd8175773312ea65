//! Money that goes back.
use kit::permission::Permission;
use proto::{base::v1::Money, orders::v1::CreateRefundRequest};
use testing::actors::keyed;

use crate::{
    counter::{ALL, back, entry, eur, units},
    shop::{Shop, faults, reason},
};

/// What the gateway gave back.
const RETURNED: &str = "select coalesce(sum(amount), 0)::bigint from test_gateway_refunds where state = 'returned'";

/// OR-5: all at once, an amount, or by line and quantity; the last refund leaves exactly nothing.
#[tokio::test]
async fn in_parts_and_as_a_whole() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let mut mug = back(&order);
    mug.lines = vec![units(&order, 0, 1)];
    let refund = shop.refund(mug, "mug").await?;
    assert_eq!((&*refund.status, refund.amount, refund.lines[0].amount), ("succeeded", eur(1999), 1999));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, seen.lines[0].refunded), ("partially_refunded", 1));
    let mut goodwill = back(&order);
    goodwill.amount = eur(100);
    assert_eq!(shop.refund(goodwill, "goodwill").await?.lines.len(), 0);
    let rest = shop.refund(back(&order), "rest").await?;
    assert_eq!((rest.amount, rest.lines.len()), (eur(4498 - 1999 - 100), 2));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, &*seen.refunds[0].reason), ("refunded", "Gus was not happy."));
    assert_eq!(shop.count(RETURNED).await?, 4498);
    assert_eq!(reason(shop.refund(back(&order), "more").await), "nothing_to_refund");
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|event| *event == "PaymentRefunded").count(), 3);
    Ok(())
}

/// OR-5: never more than came in, nor more of a line than there is; what is odd is named.
#[tokio::test]
async fn never_more_than_came_in() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let ask = |change: &dyn Fn(&mut CreateRefundRequest)| {
        let mut request = back(&order);
        change(&mut request);
        request
    };
    for (request, expected) in [
        (ask(&|r| r.amount = eur(4499)), "refund_too_large"),
        (ask(&|r| r.lines = vec![units(&order, 0, 3)]), "quantity_too_large"),
        (ask(&|r| r.lines = vec![units(&order, 0, 1), units(&order, 0, 1)]), "line_not_found"),
        (ask(&|r| r.amount = Some(Money { amount: 1, currency: "USD".into() })), "currency_mismatch"),
        (ask(&|r| (r.lines, r.amount) = (vec![units(&order, 0, 1)], eur(2000))), "refund_too_large"),
    ] {
        assert_eq!(reason(shop.refund(request, expected).await), expected);
    }
    let unpaid = shop.invoiced().await?;
    assert_eq!(reason(shop.refund(back(&unpaid), "unpaid").await), "nothing_to_refund");
    let odd = ask(&|r| (r.amount, r.reason) = (eur(0), String::new()));
    assert_eq!(faults(shop.refund(odd, "odd").await), ["/reason required", "/amount/amount out_of_range"]);
    assert_eq!(shop.count(RETURNED).await?, 0);
    Ok(())
}

/// OR-5: eight at once, each of a third of what came in: three succeed, and not a cent more goes back.
#[tokio::test(flavor = "multi_thread")]
async fn eight_at_once_give_back_no_more() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let all = (0..8).map(|i| {
        let request = CreateRefundRequest { amount: eur(1400), ..back(&order) };
        let request = keyed(shop.rig.actors.staff(&ALL, request), &format!("key {i}"), "f");
        let mut client = proto::orders::v1::refund_service_client::RefundServiceClient::new(shop.transport.clone());
        tokio::spawn(async move { client.create_refund(request).await })
    });
    let mut done = Vec::new();
    for refund in all.collect::<Vec<_>>() {
        done.push(refund.await?);
    }
    let (given, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!(given.len(), 3);
    for refused in refused {
        assert_eq!(reason(refused), "refund_too_large");
    }
    assert_eq!(shop.count(RETURNED).await?, 4200);
    let booked = "select coalesce(sum(amount), 0)::bigint from transactions where type = 'refund'";
    assert_eq!(shop.count(booked).await?, 4200);
    Ok(())
}

/// OR-5: a repetition under the same key gives nothing back a second time; without a key nothing is given back.
#[tokio::test]
async fn a_repetition_is_the_same_refund() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let staff = kit::ids::StaffId::new(shop.rig.clock.now());
    let claims = kit::assertion::Claims {
        perms: ALL.into_iter().collect(),
        ..shop.rig.actors.claims(kit::actor::Kind::Staff, staff)
    };
    let ask = || CreateRefundRequest { amount: eur(100), ..back(&order) };
    assert_eq!(reason(shop.refund_by(shop.rig.actors.request(&claims, ask())).await), "idempotency_key_required");
    let keyed = || keyed(shop.rig.actors.request(&claims, ask()), "once", "f");
    let first = shop.refund_by(keyed()).await?;
    assert_eq!(shop.refund_by(keyed()).await?.id, first.id);
    assert_eq!(shop.count(RETURNED).await?, 100);
    Ok(())
}

/// OR-5: it has a permission of its own, and another store's order is not there.
#[tokio::test]
async fn it_has_its_own_permission() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let without = [Permission::OrdersRead, Permission::OrdersWrite, Permission::TransactionsWrite];
    let request = keyed(shop.rig.actors.staff(&without, back(&order)), "k", "f");
    assert_eq!(reason(shop.refund_by(request).await), "permission_required");
    let elsewhere = keyed(shop.rig.actors.elsewhere().staff(&ALL, back(&order)), "k", "f");
    assert_eq!(reason(shop.refund_by(elsewhere).await), "order_not_found");
    let customer = shop.customer("own@example.com");
    let customer = keyed(shop.rig.actors.customer(customer, back(&order)), "k", "f");
    assert_eq!(reason(shop.refund_by(customer).await), "permission_required");
    Ok(())
}

/// OR-5: an invoice that was paid by transfer goes back by other means, and the ledger has it.
#[tokio::test]
async fn an_invoice_goes_back_by_other_means() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    shop.mark_paid(&order, eur(3000)).await?;
    let refund = shop.refund(back(&order), "k").await?;
    assert_eq!((&*refund.gateway, refund.amount), ("manual", eur(3000)));
    let seen = shop.seen(&order).await?;
    assert_eq!(seen.payment_status, "refunded");
    assert_eq!(seen.transactions.last().expect("an entry").description, "Refund by other means");
    assert_eq!(shop.count(RETURNED).await?, 0);
    Ok(())
}

/// OR-5: what a gateway took goes back through it, never silently by other means; only what it did not take does.
#[tokio::test]
async fn the_gateway_comes_first() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    shop.enter(entry(&order, "payment", 500)).await?;
    let ask = |amount| CreateRefundRequest { amount: eur(amount), ..back(&order) };
    assert_eq!(reason(shop.refund(ask(4499), "more").await), "refund_too_large");
    assert_eq!(reason(shop.refund(back(&order), "all").await), "refund_too_large");
    assert_eq!(shop.refund(ask(4498), "its").await?.gateway, "test");
    assert_eq!(shop.refund(back(&order), "rest").await?.gateway, "manual");
    assert_eq!(shop.count(RETURNED).await?, 4498);
    assert_eq!(shop.seen(&order).await?.payment_status, "refunded");
    let called_off = shop.paid_by("pm_test_ok").await?;
    shop.enter(entry(&called_off, "payment", 500)).await?;
    let called_off = shop.cancel(&called_off).await?;
    let mut ways: Vec<_> = called_off.refunds.iter().map(|one| (&*one.gateway, one.amount.clone())).collect();
    ways.sort_by_key(|(gateway, _)| *gateway);
    assert_eq!(ways, [("manual", eur(500)), ("test", eur(4498))]);
    assert_eq!((&*called_off.status, &*called_off.payment_status), ("cancelled", "refunded"));
    Ok(())
}

/// OR-5: what was free is taken back like all else, without a word to any gateway or mail about nothing.
#[tokio::test]
async fn what_was_free_is_taken_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| {
        (cart.subtotal, cart.total) = (3998, 3998);
        (cart.lines[1].price, cart.lines[1].subtotal) = (0, 0);
    });
    let token = shop.begin(&cart.id).await?.token;
    let order = shop.capture(&token, "pm_test_ok").await?.order.expect("an order");
    let mut book = back(&order);
    (book.lines, book.notify) = (vec![units(&order, 1, 1)], true);
    let refund = shop.refund(book.clone(), "book").await?;
    assert_eq!((&*refund.status, refund.amount, &*refund.gateway), ("succeeded", eur(0), "manual"));
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.payment_status, seen.lines[1].refunded), ("paid", 1));
    assert_eq!(reason(shop.refund(book, "again").await), "quantity_too_large");
    assert_eq!(shop.count("select count(*) from refunds where notify").await?, 0);
    assert_eq!(shop.count("select count(*) from test_gateway_refunds").await?, 0);
    Ok(())
}

/// OR-5, CA-11: less than its lines and shipping cost is shared by them, to the last cent.
#[tokio::test]
async fn less_is_shared_by_the_lines() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let mut less = back(&order);
    (less.lines, less.amount) = (vec![units(&order, 0, 2), units(&order, 1, 1)], eur(1000));
    let refund = shop.refund(less, "less").await?;
    assert_eq!(refund.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [889, 111]);
    Ok(())
}

/// OR-5: the call does not fail when how the refund stands cannot be read after it was done.
#[tokio::test]
async fn nothing_fails_after_the_money_moved() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    // The gateway's answer is written, and the way back to it is gone.
    sqlx::raw_sql(
        "create function gone() returns trigger language plpgsql as $$
         begin alter table refunds rename column message to letter; return null; end $$;
         create trigger gone after insert on order_history for each row when (new.kind = 'refund')
           execute function gone()",
    )
    .execute(shop.db.pool())
    .await?;
    let refund = shop.refund(CreateRefundRequest { amount: eur(100), ..back(&order) }, "k").await?;
    assert_eq!(refund.status, "started");
    assert_eq!(shop.count("select count(*) from refunds where state = 'succeeded'").await?, 1);
    Ok(())
}
