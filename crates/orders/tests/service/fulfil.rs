//! What leaves the house.
use kit::permission::Permission;
use proto::orders::v1::FulfilOrderRequest;

use crate::{
    counter::{ALL, back, units},
    shop::{Shop, faults, reason},
};

/// OR-2: shipment by shipment, by line and quantity, until all is gone; paid as well, the order is completed.
#[tokio::test]
async fn an_order_leaves_in_parts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let first = shop.fulfil(&order, vec![units(&order, 0, 1)]).await?;
    assert_eq!((&*first.status, &*first.fulfilment_status, first.lines[0].fulfilled), ("placed", "partial", 1));
    let tracked = FulfilOrderRequest {
        id: order.id.clone(),
        carrier: "DHL".to_owned(),
        number: "00340".to_owned(),
        url: "https://dhl.example/00340".to_owned(),
        notify: true,
        ..Default::default()
    };
    let request = shop.rig.actors.staff(&ALL, tracked);
    let second = shop.desk().fulfil_order(request).await?.into_inner();
    assert_eq!((&*second.status, &*second.fulfilment_status), ("completed", "fulfilled"));
    assert_eq!(second.shipments.len(), 2);
    assert_eq!((&*second.shipments[1].number, second.shipments[1].lines.len()), ("00340", 2));
    assert_eq!(reason(shop.fulfil(&order, vec![]).await), "nothing_to_fulfil");
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|event| *event == "OrderFulfilled").count(), 2);
    Ok(())
}

/// OR-2: never more than was bought, of no other line, and not the same line twice.
#[tokio::test]
async fn nothing_leaves_that_is_not_there() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let mut strange = units(&order, 0, 1);
    strange.line = kit::ids::LineId::new(shop.rig.clock.now()).into();
    for (lines, expected) in [
        (vec![units(&order, 0, 3)], "quantity_too_large"),
        (vec![strange], "line_not_found"),
        (vec![units(&order, 0, 1), units(&order, 0, 1)], "line_not_found"),
    ] {
        assert_eq!(reason(shop.fulfil(&order, lines).await), expected);
    }
    assert_eq!(faults(shop.fulfil(&order, vec![units(&order, 0, 0)]).await), ["/lines/0/quantity out_of_range"]);
    let odd = FulfilOrderRequest { id: order.id.clone(), url: "javascript:1".to_owned(), ..Default::default() };
    let odd = shop.rig.actors.staff(&ALL, odd);
    assert_eq!(faults(shop.desk().fulfil_order(odd).await), ["/tracking/url malformed"]);
    let reader = FulfilOrderRequest { id: order.id.clone(), ..Default::default() };
    let reader = shop.rig.actors.staff(&[Permission::OrdersRead], reader);
    assert_eq!(reason(shop.desk().fulfil_order(reader).await), "permission_required");
    assert_eq!(shop.count("select count(*) from shipments").await?, 0);
    Ok(())
}

/// OR-2: two who send the same at once send it once.
#[tokio::test(flavor = "multi_thread")]
async fn two_hands_send_it_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let (one, other) = tokio::join!(shop.fulfil(&order, vec![]), shop.fulfil(&order, vec![]));
    assert_eq!([&one, &other].iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(reason(one.or(other).map(|_| ()).and(shop.fulfil(&order, vec![]).await)), "nothing_to_fulfil");
    assert_eq!(shop.count("select count(*) from shipments").await?, 1);
    Ok(())
}

/// OR-2, OR-5: what was taken back is not waited for.
#[tokio::test]
async fn what_was_taken_back_is_not_waited_for() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    shop.fulfil(&order, vec![units(&order, 0, 2)]).await?;
    let mut book = back(&order);
    book.lines = vec![units(&order, 1, 1)];
    shop.refund(book, "book").await?;
    let seen = shop.seen(&order).await?;
    assert_eq!((&*seen.status, &*seen.fulfilment_status), ("completed", "fulfilled"));
    assert_eq!(seen.payment_status, "partially_refunded");
    Ok(())
}

/// OR-2, OR-5: what was taken back before it was sent is not offered to be sent, and the order is completed without it.
#[tokio::test]
async fn what_was_taken_back_is_not_sent() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let mut mug = back(&order);
    mug.lines = vec![units(&order, 0, 1)];
    shop.refund(mug, "mug").await?;
    assert_eq!(reason(shop.fulfil(&order, vec![units(&order, 0, 2)]).await), "quantity_too_large");
    let first = shop.fulfil(&order, vec![units(&order, 0, 1)]).await?;
    assert_eq!((&*first.status, &*first.fulfilment_status), ("placed", "partial"));
    assert_eq!(reason(shop.fulfil(&order, vec![units(&order, 0, 1)]).await), "quantity_too_large");
    let rest = shop.fulfil(&order, vec![]).await?;
    assert_eq!((&*rest.status, &*rest.fulfilment_status), ("completed", "fulfilled"));
    assert_eq!(rest.shipments[1].lines.len(), 1);
    Ok(())
}
