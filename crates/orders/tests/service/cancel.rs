//! Orders that are called off.
use kit::permission::Permission;
use proto::orders::v1::CancelOrderRequest;

use crate::{
    counter::{back, units},
    shop::{Shop, reason},
};

/// OR-2: what was paid goes back, all of it, through the gateway that took it.
#[tokio::test]
async fn what_was_paid_goes_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let cancelled = shop.cancel(&order).await?;
    assert_eq!((&*cancelled.status, &*cancelled.payment_status), ("cancelled", "refunded"));
    assert_eq!(cancelled.refunds[0].amount, order.total);
    assert_eq!((&*cancelled.refunds[0].status, &*cancelled.refunds[0].gateway), ("succeeded", "test"));
    let kinds: Vec<_> = cancelled.history.iter().map(|change| &*change.kind).collect();
    assert_eq!(kinds, ["status", "status", "cancelled", "refund"]);
    assert!(cancelled.history[2].actor.starts_with("staff stf_"));
    let told =
        ["OrderPlaced", "PaymentCaptured", "LibraryChanged", "OrderCancelled", "PaymentRefunded", "LibraryChanged"];
    let events: Vec<_> = shop.events().await?.into_iter().filter(|event| event != "Audited").collect();
    assert_eq!(events, told);
    assert_eq!(reason(shop.cancel(&order).await), "order_not_open");
    Ok(())
}

/// OR-2: an invoice that was never paid is called off without any money moving.
#[tokio::test]
async fn an_unpaid_one_moves_no_money() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let cancelled = shop.cancel(&order).await?;
    assert_eq!((&*cancelled.status, &*cancelled.payment_status), ("cancelled", "pending"));
    assert!(cancelled.refunds.is_empty() && cancelled.transactions.is_empty());
    assert_eq!(reason(shop.mark_paid(&order, None).await), "order_not_open");
    assert_eq!(reason(shop.fulfil(&order, vec![]).await), "order_not_open");
    Ok(())
}

/// OR-2: what has left the house cannot be called off.
#[tokio::test]
async fn what_is_gone_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    shop.fulfil(&order, vec![units(&order, 0, 1)]).await?;
    assert_eq!(reason(shop.cancel(&order).await), "order_not_open");
    Ok(())
}

/// OR-2, OR-5: giving money back by that needs its own permission; a gateway that refuses leaves a refund to be tried
/// again.
#[tokio::test]
async fn money_needs_its_own_permission() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (writer, actors) = ([Permission::OrdersWrite], &shop.rig.actors);
    let wish = |id: &str| CancelOrderRequest { id: id.to_owned(), reason: "No.".to_owned(), notify: false };
    let order = shop.paid_by("pm_test_refund_refused").await?;
    assert_eq!(reason(shop.cancel_by(actors.staff(&writer, wish(&order.id))).await), "permission_required");
    assert_eq!(shop.seen(&order).await?.status, "placed");
    let unpaid = shop.invoiced().await?;
    assert_eq!(shop.cancel_by(actors.staff(&writer, wish(&unpaid.id))).await?.status, "cancelled");
    let cancelled = shop.cancel(&order).await?;
    assert_eq!((&*cancelled.status, &*cancelled.payment_status), ("cancelled", "paid"));
    assert_eq!(cancelled.refunds[0].status, "failed");
    assert_eq!(shop.refund(back(&order), "again").await?.status, "failed");
    let elsewhere = actors.elsewhere();
    let all = crate::counter::ALL;
    assert_eq!(reason(shop.cancel_by(elsewhere.staff(&all, wish(&order.id))).await), "order_not_found");
    Ok(())
}
