//! Who sees which order, and how much of it.
use kit::{
    actor::Kind,
    ids::{CustomerId, StaffId},
    permission::{Permission, Permissions},
};
use proto::orders::v1::{BrowseOwnOrdersRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order};
use tonic::{Request, Status};

use crate::shop::{Shop, reason, wish};

async fn get(shop: &Shop, request: Request<GetOrderRequest>) -> Result<Order, Status> {
    Ok(shop.orders.clone().get_order(request).await?.into_inner())
}

async fn list(shop: &Shop, request: Request<ListOrdersRequest>) -> Result<ListOrdersResponse, Status> {
    Ok(shop.orders.clone().list_orders(request).await?.into_inner())
}

fn named(order: &Order) -> GetOrderRequest {
    GetOrderRequest { id: order.id.clone() }
}

fn of(customer: CustomerId) -> ListOrdersRequest {
    ListOrdersRequest { customer: customer.into(), ..ListOrdersRequest::default() }
}

/// A placed order of a signed-in customer.
async fn bought(shop: &Shop, customer: CustomerId) -> anyhow::Result<Order> {
    let checkout = shop.begin_by(shop.rig.actors.customer(customer, wish(&shop.cart().id, "test"))).await?;
    Ok(shop.capture(&checkout.token, "pm_test_ok").await?.order.expect("an order"))
}

/// ID-30: customers see their own orders; another's is not there.
#[tokio::test]
async fn customers_see_their_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let (own, other) = (shop.customer("own@example.com"), shop.customer("other@example.com"));
    let order = bought(&shop, own).await?;
    assert_eq!(get(&shop, actors.customer(own, named(&order))).await?.email, "Gus@example.com");
    assert_eq!(reason(get(&shop, actors.customer(other, named(&order))).await), "order_not_found");
    assert_eq!(reason(get(&shop, actors.anonymous(named(&order))).await), "unauthenticated");
    assert_eq!(list(&shop, actors.customer(own, ListOrdersRequest::default())).await?.orders.len(), 1);
    assert!(list(&shop, actors.customer(other, ListOrdersRequest::default())).await?.orders.is_empty());
    assert_eq!(reason(list(&shop, actors.customer(other, of(own))).await), "customer_not_found");
    let browse = |customer| actors.customer(customer, BrowseOwnOrdersRequest { limit: 0, offset: 0 });
    let mut orders = shop.orders.clone();
    assert_eq!(orders.browse_own_orders(browse(own)).await?.into_inner().orders[0].id, order.id);
    assert!(orders.browse_own_orders(browse(other)).await?.into_inner().orders.is_empty());
    let nobody = actors.anonymous(BrowseOwnOrdersRequest::default());
    assert_eq!(reason(orders.browse_own_orders(nobody).await), "unauthenticated");
    Ok(())
}

/// ID-22: staff need orders.read.
#[tokio::test]
async fn staff_need_the_permission() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let own = shop.customer("own@example.com");
    let order = bought(&shop, own).await?;
    let without = [Permission::CustomersRead, Permission::CustomersPii];
    assert_eq!(reason(get(&shop, actors.staff(&without, named(&order))).await), "permission_required");
    assert_eq!(reason(list(&shop, actors.staff(&without, of(own))).await), "permission_required");
    let reader = [Permission::OrdersRead];
    assert_eq!(list(&shop, actors.staff(&reader, of(own))).await?.orders.len(), 1);
    let system = get(&shop, actors.system("notifications", named(&order))).await?;
    assert_eq!((system.email, system.redacted.len()), ("Gus@example.com".to_owned(), 0));
    Ok(())
}

/// ID-23: without customers.pii the order stays usable and the person masked, in lists as in details.
#[tokio::test]
async fn without_pii_the_person_is_masked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let order = bought(&shop, shop.customer("own@example.com")).await?;
    let reader = [Permission::OrdersRead];
    let detail = get(&shop, actors.staff(&reader, named(&order))).await?;
    let listed = list(&shop, actors.staff(&reader, ListOrdersRequest::default())).await?.orders.remove(0);
    for seen in [detail, listed] {
        assert_eq!((&*seen.email, &*seen.name, &*seen.phone), ("G***@example.com", "G***", "***67"));
        assert_eq!((&*seen.ip, &*seen.user_agent, &*seen.transactions[0].ip), ("***", "***", "***"));
        let address = seen.shipping_address.expect("an address");
        assert_eq!((&*address.line1, &*address.city), ("***", "Hamburg"));
        assert_eq!((&seen.number, &seen.total, seen.lines.len()), (&order.number, &order.total, 2));
        assert!(["email", "name", "phone", "ip"].iter().all(|field| seen.redacted.contains(&(*field).to_owned())));
    }
    let clear = get(&shop, actors.staff(&[Permission::OrdersRead, Permission::CustomersPii], named(&order))).await?;
    assert_eq!(clear, order);
    Ok(())
}

/// PL-4: orders of another customer base are not there, not even for its staff.
#[tokio::test]
async fn nothing_is_visible_elsewhere() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let order = bought(&shop, own).await?;
    let elsewhere = shop.rig.actors.elsewhere();
    let reader = [Permission::OrdersRead, Permission::CustomersPii];
    assert_eq!(reason(get(&shop, elsewhere.staff(&reader, named(&order))).await), "order_not_found");
    assert_eq!(reason(get(&shop, elsewhere.customer(own, named(&order))).await), "order_not_found");
    assert!(list(&shop, elsewhere.staff(&reader, ListOrdersRequest::default())).await?.orders.is_empty());
    assert!(list(&shop, elsewhere.staff(&reader, of(own))).await?.orders.is_empty());
    let malformed = GetOrderRequest { id: "1001".to_owned() };
    assert_eq!(reason(get(&shop, shop.rig.actors.staff(&reader, malformed)).await), "order_not_found");
    Ok(())
}

/// ID-21: staff of a network see the orders of all its stores, a store's own staff those of that store.
#[tokio::test]
async fn a_network_sees_its_stores() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = bought(&shop, shop.customer("own@example.com")).await?;
    let perms: Permissions = [Permission::OrdersRead].into_iter().collect();
    let staff = |store: Option<String>| {
        let staff = StaffId::new(shop.rig.clock.now());
        let claims = shop.rig.actors.claims(Kind::Staff, staff);
        kit::assertion::Claims { perms, store, ..claims }
    };
    let sister = shop.rig.actors.elsewhere().store;
    for (store, sees) in [(None, true), (Some(shop.rig.actors.store.into()), true), (Some(sister.into()), false)] {
        let claims = staff(store);
        let listed = list(&shop, shop.rig.actors.request(&claims, ListOrdersRequest::default())).await?;
        assert_eq!(!listed.orders.is_empty(), sees);
        assert_eq!(get(&shop, shop.rig.actors.request(&claims, named(&order))).await.is_ok(), sees);
    }
    Ok(())
}

/// OR-1: a draft is in no list until it is placed; its buyer finds it by its id.
#[tokio::test]
async fn drafts_are_in_no_list() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let own = shop.customer("own@example.com");
    let checkout = shop.begin_by(actors.customer(own, wish(&shop.cart().id, "test"))).await?;
    shop.capture(&checkout.token, "pm_test_declined").await?;
    assert!(list(&shop, actors.customer(own, ListOrdersRequest::default())).await?.orders.is_empty());
    let reader = [Permission::OrdersRead];
    assert!(list(&shop, actors.staff(&reader, ListOrdersRequest::default())).await?.orders.is_empty());
    let id: kit::ids::OrderId = sqlx::query_scalar("select id from orders").fetch_one(shop.db.pool()).await?;
    let draft = get(&shop, actors.customer(own, GetOrderRequest { id: id.into() })).await?;
    assert_eq!((&*draft.status, &*draft.payment_status, draft.placed_at), ("pending", "failed", None));
    Ok(())
}
