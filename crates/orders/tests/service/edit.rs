//! Recorded changes of orders.
use kit::{call::header, permission::Permission};
use proto::{
    base::v1::Address,
    orders::v1::{EditOrderRequest, GetOrderRequest, Order, OrderTags},
};
use testing::actors::{keyed, with};

use crate::{
    counter::{ALL, back, entry},
    shop::{Shop, faults, guest, reason, wish},
};

/// OR-2: what was entered is changed as it was seen, and the history keeps what was before, and who changed it.
#[tokio::test]
async fn changes_are_recorded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let moved = Address { line1: "New street 3".to_owned(), ..guest().shipping.unwrap_or_default() };
    let edit = EditOrderRequest {
        id: order.id.clone(),
        name: Some("Gustav Guest".to_owned()),
        shipping_address: Some(moved),
        billing: Some(Address::default()),
        note: Some("Call\nfirst.".to_owned()),
        tags: Some(OrderTags { tags: vec!["vip".to_owned(), "vip".to_owned(), "gift".to_owned()] }),
        ..Default::default()
    };
    let unversioned = shop.desk().edit_order(shop.rig.actors.staff(&ALL, edit.clone())).await;
    assert_eq!(reason(unversioned), "version_required");
    let edited = shop.edit(edit.clone(), order.version).await?;
    assert_eq!(
        (&*edited.name, edited.tags.join(" "), edited.billing.is_none()),
        ("Gustav Guest", "vip gift".into(), true)
    );
    let change = edited.history.last().expect("an edit");
    assert_eq!((&*change.kind, &*change.status), ("edited", "placed"));
    assert!(change.actor.starts_with("staff stf_"));
    let fields: Vec<_> = change.changes.iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["name", "note", "billing_address", "shipping_address", "tags"]);
    assert_eq!((&*change.changes[0].before, &*change.changes[0].after), ("Gus Guest", "Gustav Guest"));
    assert!(change.changes[3].before.contains("Guest street 2") && change.changes[3].after.contains("New street 3"));
    assert_eq!(reason(shop.edit(edit.clone(), order.version).await), "stale_version");
    assert_eq!(shop.edit(edit, edited.version).await?.version, edited.version);
    Ok(())
}

/// OR-2: what is cancelled stays as it was; what is odd is named.
#[tokio::test]
async fn not_everything_is_changed() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.invoiced().await?;
    let odd = EditOrderRequest {
        id: order.id.clone(),
        email: Some(String::new()),
        phone: Some("1".repeat(41)),
        note: Some("x".repeat(4_001)),
        tags: Some(OrderTags { tags: vec!["x".repeat(51)] }),
        ..Default::default()
    };
    let expected = ["/phone too_long", "/email malformed", "/note too_long", "/tags/0 too_long"].map(str::to_owned);
    assert_eq!(faults(shop.edit(odd, order.version).await), expected);
    let cancelled = shop.cancel(&order).await?;
    let late = EditOrderRequest { id: order.id.clone(), note: Some("Late.".to_owned()), ..Default::default() };
    assert_eq!(reason(shop.edit(late, cancelled.version).await), "order_not_open");
    Ok(())
}

/// ID-23, OR-2: staff's words and what was entered before are for staff, masked without customers.pii; never for the
/// customer.
#[tokio::test]
async fn staff_keep_their_words() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let checkout = shop.begin_by(shop.rig.actors.customer(own, wish(&shop.cart().id, "test"))).await?;
    let order = shop.capture(&checkout.token, "pm_test_ok").await?.order.expect("an order");
    let edit = EditOrderRequest {
        id: order.id.clone(),
        name: Some("Cleo Again".to_owned()),
        note: Some("Cleo shouts.".to_owned()),
        tags: Some(OrderTags { tags: vec!["loud".to_owned()] }),
        ..Default::default()
    };
    shop.edit(edit, order.version).await?;
    let named = || GetOrderRequest { id: order.id.clone() };
    let masked = shop.rig.actors.staff(&[Permission::OrdersRead], named());
    let masked = shop.orders.clone().get_order(masked).await?.into_inner();
    let change = &masked.history.last().expect("an edit").changes[0];
    assert_eq!((&*masked.note, &*change.before, &*change.after), ("***", "***", "***"));
    assert!(masked.redacted.contains(&"note".to_owned()) && masked.redacted.contains(&"history.changes".to_owned()));
    let theirs = shop.orders.clone().get_order(shop.rig.actors.customer(own, named())).await?.into_inner();
    assert_eq!((&*theirs.note, theirs.tags.len()), ("", 0));
    assert!(theirs.history.iter().all(|change| change.changes.is_empty()));
    assert_eq!(shop.status(&checkout.token).await?.order.expect("an order").note, "");
    Ok(())
}

/// ID-23, ID-25, OR-2: a customer does not see from where staff made an entry, why a gateway refused, or who acted for whom.
#[tokio::test]
async fn customers_do_not_see_how_staff_work() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let checkout = shop.begin_by(shop.rig.actors.customer(own, wish(&shop.cart().id, "test"))).await?;
    let order = shop.capture(&checkout.token, "pm_test_refund_refused").await?.order.expect("an order");
    shop.refund(back(&order), "refused").await?;
    let made = keyed(shop.rig.actors.staff(&ALL, entry(&order, "void", 10)), "entry", "f");
    let made = with(made, header::CLIENT_IP, "198.51.100.7");
    shop.ledger().enter_transaction(made).await?;
    sqlx::query("update order_history set impersonator = 'staff stf_1'").execute(shop.db.pool()).await?;
    let told = |order: &Order| {
        let ips: Vec<_> = order.transactions.iter().map(|entry| entry.ip.clone()).collect();
        let hidden = order.refunds[0].message.is_empty();
        (ips, hidden, order.history.iter().all(|change| change.impersonator.is_empty()))
    };
    let named = GetOrderRequest { id: order.id.clone() };
    let theirs = shop.orders.clone().get_order(shop.rig.actors.customer(own, named)).await?.into_inner();
    let (paid, by_hand) = ("203.0.113.9".to_owned(), "198.51.100.7".to_owned());
    let (none, seen) = (String::new(), shop.seen(&order).await?);
    let ips = seen.transactions.iter().map(|entry| &*entry.ip).collect::<Vec<_>>();
    assert!(ips.contains(&&*by_hand) && !told(&seen).1 && !told(&seen).2, "{ips:?}");
    assert_eq!(told(&theirs), (vec![paid.clone(), paid, none], true, true));
    Ok(())
}
