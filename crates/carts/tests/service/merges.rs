//! Carts of customers who were merged.
use carts::consumer::Events;
use kit::{ids::CustomerId, permission::Permission};
use proto::carts::v1::{Cart, ListCartsRequest, OpenCartRequest};
use testing::merges::{hear, merged, steps};

use crate::shop::Shop;

async fn open(shop: &Shop, customer: CustomerId) -> Result<Cart, tonic::Status> {
    let request = shop.rig.actors.customer(customer, OpenCartRequest::default());
    Ok(shop.client.clone().open_cart(request).await?.into_inner())
}

async fn of(shop: &Shop, customer: CustomerId) -> anyhow::Result<usize> {
    let request = ListCartsRequest { customer: customer.into(), ..ListCartsRequest::default() };
    let request = shop.rig.actors.staff(&[Permission::CartsRead], request);
    Ok(shop.client.clone().list_carts(request).await?.into_inner().carts.len())
}

/// How many carts are kept under this very id.
async fn under(shop: &Shop, customer: CustomerId) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar("select count(*) from carts where customer_id = $1").bind(customer);
    Ok(count.fetch_one(shop.db()?.pool()).await?)
}

/// CU-13: carts move, and those that are opened under the old id later do, too; the old id is asked for like the new one.
#[tokio::test]
async fn carts_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (events, db) = (Events { clock: shop.rig.clock.clone() }, shop.db()?);
    let (kept, gone) = (shop.customer(), shop.customer());
    open(&shop, gone).await?;
    let old = open(&shop, gone).await?;
    open(&shop, kept).await?;
    let event = merged(&shop.rig, kept, gone);
    hear(&db, &events, &event).await?;
    open(&shop, gone).await?;
    assert_eq!((of(&shop, kept).await?, of(&shop, gone).await?, under(&shop, gone).await?), (4, 4, 0));
    assert_eq!(shop.get(&old.id).await?.id, old.id);
    let said = steps(&db).await?;
    assert_eq!((said.len(), said[0].job.as_str(), said[0].service.as_str()), (1, &*event.job, "carts"));
    assert_eq!(said[0].counts["carts"], 2);
    hear(&db, &events, &event).await?;
    assert_eq!(of(&shop, kept).await?, 4);
    Ok(())
}

/// CU-13: a chain of merges ends at the last one kept, in whatever order it is heard of.
#[tokio::test]
async fn chains_end_at_the_last_one() -> anyhow::Result<()> {
    for reversed in [false, true] {
        let shop = Shop::open().await?;
        let (events, db) = (Events { clock: shop.rig.clock.clone() }, shop.db()?);
        let [a, b, c] = [0, 1, 2].map(|_| shop.customer());
        for customer in [a, b, c] {
            open(&shop, customer).await?;
        }
        let mut chain = vec![merged(&shop.rig, b, a), merged(&shop.rig, c, b)];
        if reversed {
            chain.reverse();
        }
        for event in &chain {
            hear(&db, &events, event).await?;
        }
        for customer in [a, b, c] {
            assert_eq!(of(&shop, customer).await?, 3, "reversed: {reversed}");
        }
        assert_eq!(under(&shop, c).await?, 3);
    }
    Ok(())
}

/// CU-13: none is left behind that is opened while the merge is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_cart_is_written_past_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (events, db) = (Events { clock: shop.rig.clock.clone() }, shop.db()?);
    for _ in 0..15 {
        let (kept, gone) = (shop.customer(), shop.customer());
        let event = merged(&shop.rig, kept, gone);
        let (heard, a, b, c) =
            tokio::join!(hear(&db, &events, &event), open(&shop, gone), open(&shop, gone), open(&shop, gone));
        let _ = (heard?, a?, b?, c?);
        assert_eq!((under(&shop, gone).await?, under(&shop, kept).await?), (0, 3));
    }
    Ok(())
}
