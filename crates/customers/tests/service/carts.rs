//! What events of open carts make of a record.
use kit::{
    clock,
    ids::{CartId, StoreId},
};
use proto::{
    carts::v1::CartHolderChanged,
    customers::v1::{GetCustomerRequest, ListCustomersRequest},
};
use testing::{Actors, Rig};

use crate::{
    merges::merge,
    network::network_on,
    shop::{PII, Shop},
};

/// Somebody's cart with something in it.
pub fn held(shop: &Shop, customer: &str) -> CartHolderChanged {
    CartHolderChanged {
        realm: shop.actors().realm.into(),
        store: shop.actors().store.into(),
        cart: CartId::new(shop.now()).into(),
        customer: customer.to_owned(),
        held: true,
        version: 2,
        at: Some(clock::timestamp(shop.now())),
    }
}

/// A later word of it.
pub fn told(of: &CartHolderChanged, (held, version): (bool, i64)) -> CartHolderChanged {
    CartHolderChanged { held, version, ..of.clone() }
}

async fn counted(shop: &Shop, customer: &str) -> anyhow::Result<i64> {
    Ok(shop.get(PII, customer).await?.open_carts)
}

/// CU-4: carts that are open with something in them are counted, in the record and in lists.
#[tokio::test]
async fn open_carts_are_counted() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    assert_eq!(ada.open_carts, 0);
    let (one, two) = (held(&shop, &ada.id), held(&shop, &ada.id));
    shop.hear(&one).await?;
    shop.hear(&two).await?;
    assert_eq!(counted(&shop, &ada.id).await?, 2);
    let listed = shop.list(ListCustomersRequest::default()).await?;
    assert_eq!(listed.customers[0].open_carts, 2, "a list shows the same");
    shop.hear(&told(&one, (false, 3))).await?;
    assert_eq!(counted(&shop, &ada.id).await?, 1);
    Ok(())
}

/// CU-4, PL-2: the newest word counts, whenever it comes; a cart that is over stays so, and the record's version says when a
/// count is another.
#[tokio::test]
async fn the_newest_word_counts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let one = held(&shop, &ada.id);
    shop.hear(&told(&one, (false, 9))).await?;
    shop.hear(&one).await?;
    assert_eq!(shop.get(PII, &ada.id).await?, ada, "it was over before it was heard of");
    let two = held(&shop, &ada.id);
    shop.hear(&two).await?;
    let after = shop.get(PII, &ada.id).await?;
    assert_eq!((after.open_carts, after.version), (1, ada.version + 1));
    for _ in 0..2 {
        shop.hear(&two).await?;
        shop.hear(&one).await?;
    }
    assert_eq!(shop.get(PII, &ada.id).await?, after);
    Ok(())
}

/// CU-4, CA-3: a cart that goes from one customer to another counts for the one who has it.
#[tokio::test]
async fn a_cart_counts_for_who_has_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("bob@example.com", "Bob").await?);
    let one = held(&shop, &ada.id);
    shop.hear(&CartHolderChanged { customer: bob.id.clone(), version: 3, ..one.clone() }).await?;
    shop.hear(&one).await?;
    assert_eq!((counted(&shop, &ada.id).await?, counted(&shop, &bob.id).await?), (0, 1));
    Ok(())
}

/// CU-13, CU-4: a merge moves them, and what is still told of the record that is gone is the kept one's.
#[tokio::test]
async fn a_merge_moves_them() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("ada@king.example", "Ada King").await?);
    let (one, two) = (held(&shop, &ada.id), held(&shop, &king.id));
    shop.hear(&one).await?;
    shop.hear(&two).await?;
    merge(&shop, &ada.id, &king.id).await?;
    assert_eq!(counted(&shop, &ada.id).await?, 2);
    shop.hear(&told(&two, (false, 3))).await?;
    shop.hear(&held(&shop, &king.id)).await?;
    shop.hear(&held(&shop, &king.id)).await?;
    assert_eq!(counted(&shop, &ada.id).await?, 3);
    Ok(())
}

/// CU-4, ID-21: a store of a network counts its own carts only.
#[tokio::test]
async fn a_store_sees_its_own() -> anyhow::Result<()> {
    let (shop, other) = network_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let there = |of: CartHolderChanged, store: StoreId| CartHolderChanged { store: store.into(), ..of };
    shop.hear(&held(&shop, &ada.id)).await?;
    for _ in 0..2 {
        shop.hear(&there(held(&shop, &ada.id), other.store)).await?;
    }
    shop.hear(&CartHolderChanged { store: String::new(), ..held(&shop, &ada.id) }).await?;
    let seen = async |actors: &Actors| {
        let request = actors.staff(PII, GetCustomerRequest { id: ada.id.clone() });
        anyhow::Ok(shop.client.clone().get_customer(request).await?.into_inner().open_carts)
    };
    assert_eq!((seen(shop.actors()).await?, seen(&other).await?), (1, 2));
    Ok(())
}
