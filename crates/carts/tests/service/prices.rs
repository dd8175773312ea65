//! Prices are the catalog's of the moment (CA-4), totals are exact (CA-11).
use kit::ids::StoreId;
use testing::Rig;

use crate::shop::{Shop, reason};

/// CA-4
#[tokio::test]
async fn a_new_price_shows_at_the_next_read() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    let cart = shop.cart().await?;
    assert_eq!(shop.add(&cart.id, &mug, 2).await?.total, 2_000);
    shop.goods.change(&mug, |mug| mug.price.as_mut().unwrap().amount = 900);
    let cart = shop.get(&cart.id).await?;
    assert_eq!((cart.total, cart.lines[0].price, cart.version), (1_800, 900, 2));
    Ok(())
}

#[tokio::test]
async fn what_is_no_longer_sold_stays_but_does_not_count() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, cup) = (shop.sell(1_000, "EUR"), shop.sell(300, "EUR"));
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 1).await?;
    shop.add(&cart.id, &cup, 1).await?;
    shop.goods.change(&mug, |mug| mug.active = false);
    let inactive = shop.get(&cart.id).await?;
    assert_eq!((inactive.total, inactive.lines[0].available, inactive.lines[0].name.as_str()), (300, false, "Mug"));
    shop.goods.withdraw(&mug);
    let gone = shop.get(&cart.id).await?;
    assert_eq!((gone.total, gone.lines[0].available, gone.lines[0].product.as_str()), (300, false, mug.as_str()));
    assert_eq!(reason(shop.add(&cart.id, &mug, 1).await), "product_not_found");
    Ok(())
}

#[tokio::test]
async fn only_the_stores_own_active_products_come_in() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart().await?;
    let foreign = shop.goods.sell(StoreId::new(shop.rig.clock.now()), 10, "EUR");
    let inactive = shop.sell(10, "EUR");
    shop.goods.change(&inactive, |product| product.active = false);
    let unknown = "prd_0192f0c4a8b07c3e9d1a2b3c4d5e6f70".to_owned();
    for product in [foreign, inactive, unknown, "mug".to_owned()] {
        assert_eq!(reason(shop.add(&cart.id, &product, 1).await), "product_not_found");
    }
    assert_eq!(shop.get(&cart.id).await?, cart);
    Ok(())
}

/// CA-11
#[tokio::test]
async fn a_currency_may_have_no_or_three_decimals() -> anyhow::Result<()> {
    for currency in ["JPY", "KWD"] {
        let store = StoreId::new("2026-01-01T00:00:00Z".parse()?);
        let shop = in_currency(store, currency).await?;
        let tea = shop.goods.sell(store, 1_234, currency);
        let cart = shop.cart().await?;
        assert_eq!(cart.currency, currency);
        let cart = shop.add(&cart.id, &tea, 3).await?;
        assert_eq!((cart.total, cart.currency.as_str()), (3_702, currency));
    }
    Ok(())
}

/// A shop whose actors are of `store`, which sells in `currency`.
async fn in_currency(store: StoreId, currency: &str) -> anyhow::Result<Shop> {
    let settle = |rig: &mut Rig| {
        rig.actors.store = store;
        rig.actors.realm = kit::ids::RealmId::from_uuid(store.uuid());
        vec![proto::identity::v1::Store { currency: currency.to_owned(), ..rig.store() }]
    };
    Shop::settled(settle).await
}

/// CA-11
#[tokio::test]
async fn a_total_beyond_counting_is_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let yacht = shop.sell(i64::MAX, "EUR");
    let cart = shop.cart().await?;
    assert_eq!(shop.add(&cart.id, &yacht, 1).await?.total, i64::MAX);
    assert_eq!(reason(shop.add(&cart.id, &yacht, 1).await), "total_too_large");
    assert_eq!(reason(shop.add(&cart.id, &shop.sell(1, "EUR"), 1).await), "total_too_large");
    let cart = shop.get(&cart.id).await?;
    assert_eq!((cart.total, cart.lines.len(), cart.version), (i64::MAX, 1, 2));
    Ok(())
}
