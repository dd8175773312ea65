//! Orders of customers who were merged.
use kit::{ids::CustomerId, permission::Permission};
use orders::consumer::Events;
use proto::orders::v1::{BrowseOwnOrdersRequest, ListOrdersRequest};
use testing::merges::{hear, merged, steps};

use crate::shop::{Shop, wish};

async fn own(shop: &Shop, customer: CustomerId) -> anyhow::Result<usize> {
    let request = shop.rig.actors.customer(customer, BrowseOwnOrdersRequest { limit: 20, ..Default::default() });
    Ok(shop.orders.clone().browse_own_orders(request).await?.into_inner().orders.len())
}

async fn listed(shop: &Shop, customer: CustomerId) -> anyhow::Result<usize> {
    let request = ListOrdersRequest { customer: customer.into(), ..ListOrdersRequest::default() };
    let request = shop.rig.actors.staff(&[Permission::OrdersRead], request);
    Ok(shop.orders.clone().list_orders(request).await?.into_inner().orders.len())
}

/// The ledger and what there is of payments, as one text.
async fn books(shop: &Shop) -> anyhow::Result<String> {
    let books = "select coalesce(jsonb_agg(to_jsonb(t) order by t.position), '[]')::text from transactions t";
    Ok(sqlx::query_scalar(books).fetch_one(shop.db.pool()).await?)
}

/// CU-13, OR-10: orders move with their transactions as they are; what is bought under the old id later is the kept
/// record's, and so is what was begun before and paid afterwards.
#[tokio::test]
async fn orders_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let events = Events { clock: shop.rig.clock.clone() };
    let (kept, gone) = (shop.customer("kept@example.com"), shop.customer("gone@example.com"));
    let begin = async |customer| {
        let request = shop.rig.actors.customer(customer, wish(&shop.cart().id, "test"));
        anyhow::Ok(shop.begin_by(request).await?.token)
    };
    for customer in [kept, gone, gone] {
        shop.capture(&begin(customer).await?, "pm_test_ok").await?;
    }
    let (begun, before) = (begin(gone).await?, books(&shop).await?);
    let event = merged(&shop.rig, kept, gone);
    hear(&shop.db, &events, &event).await?;
    assert_eq!(books(&shop).await?, before);
    assert_eq!((own(&shop, kept).await?, own(&shop, gone).await?), (3, 3));
    let said = steps(&shop.db).await?;
    assert_eq!((said[0].counts["orders"], said[0].counts["drafts"], said[0].service.as_str()), (2, 0, "orders"));
    shop.capture(&begun, "pm_test_ok").await?;
    shop.capture(&begin(gone).await?, "pm_test_ok").await?;
    hear(&shop.db, &events, &event).await?;
    assert_eq!((own(&shop, kept).await?, listed(&shop, kept).await?, listed(&shop, gone).await?), (5, 5, 5));
    let left = sqlx::query_scalar("select count(*) from orders where customer_id = $1").bind(gone);
    assert_eq!(left.fetch_one(shop.db.pool()).await.map(|left: i64| left)?, 0);
    Ok(())
}

/// CU-13: no purchase is written past a merge that is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_purchase_is_left_behind() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let events = Events { clock: shop.rig.clock.clone() };
    for round in 0..8 {
        let (kept, gone) = (shop.customer(&format!("k{round}@x.de")), shop.customer(&format!("g{round}@x.de")));
        let mut tokens = Vec::new();
        for _ in 0..2 {
            let request = shop.rig.actors.customer(gone, wish(&shop.cart().id, "test"));
            tokens.push(shop.begin_by(request).await?.token);
        }
        let event = merged(&shop.rig, kept, gone);
        let (heard, one, other) = tokio::join!(
            hear(&shop.db, &events, &event),
            shop.capture(&tokens[0], "pm_test_ok"),
            shop.capture(&tokens[1], "pm_test_ok"),
        );
        let _ = (heard?, one?, other?);
        assert_eq!(own(&shop, kept).await?, 2, "round {round}");
    }
    Ok(())
}
