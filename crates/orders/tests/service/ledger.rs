//! The ledger is written once.
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, PageRequest, filter::Node},
    orders::v1::{EnterTransactionRequest, ListTransactionsRequest, MarkOrderPaidRequest},
};
use testing::actors::keyed;

use crate::{
    counter::{ALL, entry, eur},
    shop::{Shop, faults, reason, wish},
};

/// OR-4: no entry is ever changed or removed, whoever asks the database.
#[tokio::test]
async fn the_ledger_is_append_only() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?;
    for statement in ["update transactions set amount = 0", "delete from transactions", "truncate transactions"] {
        let refused = sqlx::query(statement).execute(shop.db.pool()).await.expect_err("refused");
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(shop.count("select count(*) from transactions where amount = 4498").await?, 1);
    let rights =
        "select count(*) filter (where right_to.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')) * 100 + count(*)
                  from pg_class c cross join aclexplode(c.relacl) as right_to
                  where c.oid = 'transactions'::regclass and right_to.privilege_type in
                    ('INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE')";
    assert_eq!(shop.count(rights).await?, 2);
    Ok(())
}

/// OR-4: staff make entries by hand, with a reason; what is paid follows from the sums.
#[tokio::test]
async fn staff_make_entries_with_reasons() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let made = shop.enter(entry(&order, "payment", 4498)).await?;
    assert_eq!((&*made.r#type, &*made.method, &*made.reference), ("payment", "cash", "T-1"));
    assert_eq!(shop.seen(&order).await?.payment_status, "paid");
    shop.enter(entry(&order, "void", 10)).await?;
    assert_eq!(shop.seen(&order).await?.payment_status, "paid");
    shop.enter(entry(&order, "refund", 498)).await?;
    assert_eq!(shop.seen(&order).await?.payment_status, "partially_refunded");
    assert_eq!(reason(shop.enter(entry(&order, "refund", 4001)).await), "refund_too_large");
    let odd = EnterTransactionRequest { reason: " ".into(), method: "shells".into(), ..entry(&order, "gift", 0) };
    let expected = ["/type unknown", "/amount/amount out_of_range", "/method unknown", "/reason required"];
    assert_eq!(faults(shop.enter(odd).await), expected);
    let mut without = ALL.to_vec();
    without.retain(|permission| *permission != Permission::TransactionsWrite);
    let refused = shop.rig.actors.staff(&without, entry(&order, "payment", 1));
    assert_eq!(reason(shop.ledger().enter_transaction(refused).await), "permission_required");
    Ok(())
}

/// OR-4, OR-5: money goes back by hand by those alone who may give it back; whatever is entered by hand is entered once,
/// however often it is sent.
#[tokio::test]
async fn what_might_move_twice_has_a_key() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let part = MarkOrderPaidRequest {
        id: order.id.clone(),
        amount: eur(1000),
        method: "cash".to_owned(),
        ..MarkOrderPaidRequest::default()
    };
    let unkeyed = shop.desk().mark_order_paid(shop.rig.actors.staff(&ALL, part)).await;
    assert_eq!(reason(unkeyed), "idempotency_key_required");
    shop.mark_paid(&order, eur(1000)).await?;
    let unkeyed = shop.rig.actors.staff(&ALL, entry(&order, "refund", 10));
    assert_eq!(reason(shop.ledger().enter_transaction(unkeyed).await), "idempotency_key_required");
    let mut without = ALL.to_vec();
    without.retain(|permission| *permission != Permission::OrdersRefund);
    let refused = keyed(shop.rig.actors.staff(&without, entry(&order, "refund", 10)), "k", "f");
    assert_eq!(reason(shop.ledger().enter_transaction(refused).await), "permission_required");
    let allowed = keyed(shop.rig.actors.staff(&without, entry(&order, "payment", 10)), "k", "f");
    shop.ledger().enter_transaction(allowed).await?;
    Ok(())
}

/// OR-2, OR-4: an invoice of which a part came, and some of that went back, is still paid by the rest.
#[tokio::test]
async fn an_invoice_is_paid_after_some_went_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    shop.mark_paid(&order, eur(4000)).await?;
    shop.enter(entry(&order, "refund", 1000)).await?;
    assert_eq!(shop.seen(&order).await?.payment_status, "pending");
    shop.enter(entry(&order, "refund", 3000)).await?;
    assert_eq!(shop.seen(&order).await?.payment_status, "refunded");
    assert_eq!(reason(shop.mark_paid(&order, eur(499)).await), "payment_too_large");
    assert_eq!(shop.mark_paid(&order, None).await?.payment_status, "partially_refunded");
    assert_eq!(shop.count("select count(*) from payments where state = 'captured'").await?, 1);
    assert_eq!(reason(shop.mark_paid(&order, None).await), "already_paid");
    Ok(())
}

/// OR-4, ID-23: the ledger is a list, with sums by currency; reasons and network addresses are masked without
/// customers.pii.
#[tokio::test]
async fn the_ledger_is_a_list() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let checkout = shop.begin_by(shop.rig.actors.customer(own, wish(&shop.cart().id, "test"))).await?;
    let theirs = shop.capture(&checkout.token, "pm_test_ok").await?.order.expect("an order");
    shop.rig.clock.advance(chrono::TimeDelta::minutes(1));
    let order = shop.invoiced().await?;
    shop.enter(entry(&order, "payment", 4498)).await?;
    shop.enter(entry(&order, "refund", 98)).await?;
    let total = PageRequest { total: true, ..PageRequest::default() };
    let list = async |permissions: &[Permission], request: ListTransactionsRequest| {
        let request = shop.rig.actors.staff(permissions, request);
        Ok::<_, tonic::Status>(shop.ledger().list_transactions(request).await?.into_inner())
    };
    let all = ListTransactionsRequest { page: Some(total.clone()), ..Default::default() };
    let found = list(&ALL, all.clone()).await?;
    let kinds: Vec<_> = found.transactions.iter().map(|one| (&*one.r#type, &*one.reason)).collect();
    let words = "Gus paid at the counter.";
    assert_eq!(kinds, [("refund", words), ("payment", words), ("payment", "")]);
    let sum = &found.sums[0];
    assert_eq!((sum.captured.clone(), sum.refunded.clone(), sum.net.clone()), (eur(8996), eur(98), eur(8898)));
    let masked = list(&[Permission::OrdersRead], all).await?;
    assert_eq!((&*masked.transactions[0].reason, &*masked.transactions[2].ip), ("***", "***"));
    let of = ListTransactionsRequest { customer: own.into(), ..Default::default() };
    let of = list(&ALL, of).await?;
    assert_eq!(of.transactions.iter().map(|one| &*one.order).collect::<Vec<_>>(), [&*theirs.id]);
    for (field, op, value, count) in [
        ("type", "eq", "refund", 1),
        ("status", "ne", "failed", 3),
        ("gateway", "eq", "manual", 2),
        ("amount", "gte", "4498", 2),
        ("order", "eq", &*order.id, 2),
        ("created_at", "lt", "1990-01-01T00:00:00Z", 0),
    ] {
        let condition = Condition { field: field.into(), op: op.into(), values: vec![value.to_owned()] };
        let filter = Some(Filter { node: Some(Node::Condition(condition)) });
        let found = list(&ALL, ListTransactionsRequest { filter, ..Default::default() }).await?;
        assert_eq!(found.transactions.len(), count, "{field} {op} {value}");
    }
    let first = PageRequest { limit: 2, ..PageRequest::default() };
    let first = list(&ALL, ListTransactionsRequest { page: Some(first), ..Default::default() }).await?;
    let after = first.page.expect("a page").next;
    let second = PageRequest { limit: 2, after, ..PageRequest::default() };
    let second = list(&ALL, ListTransactionsRequest { page: Some(second), ..Default::default() }).await?;
    assert_eq!((first.transactions.len(), second.transactions.len()), (2, 1));
    Ok(())
}
