//! What customers bought, product by product.
use chrono::TimeDelta;
use kit::{ids::CustomerId, permission::Permission};
use proto::{
    base::v1::PageRequest,
    carts::v1::Cart,
    orders::v1::{ListPurchasesRequest, ListPurchasesResponse, Order, purchase_service_client::PurchaseServiceClient},
};
use testing::actors::Actors;
use tonic::Status;

use crate::{
    counter::{back, units},
    shop::{Shop, reason, wish},
};

const READS: [Permission; 2] = [Permission::CustomersRead, Permission::OrdersRead];

async fn listed(
    shop: &Shop,
    (actors, permissions): (&Actors, &[Permission]),
    (customer, page): (CustomerId, PageRequest),
) -> Result<ListPurchasesResponse, Status> {
    let request = ListPurchasesRequest { customer: customer.into(), page: Some(page) };
    let mut purchases = PurchaseServiceClient::new(shop.transport.clone());
    Ok(purchases.list_purchases(actors.staff(permissions, request)).await?.into_inner())
}

async fn all(shop: &Shop, customer: CustomerId) -> Result<ListPurchasesResponse, Status> {
    listed(shop, (&shop.rig.actors, &READS), (customer, PageRequest::default())).await
}

/// Two mugs and a book; the mug is the one of `like`, a minute later than anything before.
async fn buy(shop: &Shop, customer: CustomerId, like: Option<&Cart>) -> anyhow::Result<(Cart, Order)> {
    shop.rig.clock.advance(TimeDelta::minutes(1));
    let mut cart = shop.cart();
    if let Some(like) = like {
        cart.lines[0].product.clone_from(&like.lines[0].product);
        "new mug".clone_into(&mut cart.lines[0].name);
        shop.carts.put(cart.clone());
    }
    let begun = shop.begin_by(shop.rig.actors.customer(customer, wish(&cart.id, "test"))).await?;
    let order = shop.capture(&begun.token, "pm_test_ok").await?.order;
    Ok((cart, order.expect("an order")))
}

/// CU-7: each product once, with all that was bought of it and what went back, as it was called last; a cancelled order
/// bought nothing.
#[tokio::test]
async fn each_product_is_there_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.customer("ada@example.com"), shop.customer("bob@example.com"));
    let (cart, first) = buy(&shop, ada, None).await?;
    let (_, second) = buy(&shop, ada, Some(&cart)).await?;
    let (_, gone) = buy(&shop, ada, None).await?;
    shop.cancel(&gone).await?;
    let mut scratch = back(&first);
    scratch.lines = vec![units(&first, 0, 1)];
    shop.refund(scratch, "scratch").await?;
    let found = all(&shop, ada).await?.purchases;
    let told: Vec<_> = found.iter().map(|one| (&*one.name, one.quantity, one.refunded, one.orders)).collect();
    let (last, two) = (("book", 1, 0, 1), ("new mug", 4, 1, 2));
    let latest = if found[0].name == "book" { vec![last, two] } else { vec![two, last] };
    assert_eq!(told, [&latest[..], &[last]].concat());
    let mug = found.iter().find(|one| one.quantity == 4).expect("the mug");
    assert_eq!((&mug.product, &mug.last_order), (&cart.lines[0].product, &second.id));
    assert_eq!((mug.first_at, mug.last_at), (first.placed_at, second.placed_at));
    assert_eq!(all(&shop, bob).await?.purchases, []);
    Ok(())
}

/// CU-7: pages go forth and back, also where moments are equal, and count.
#[tokio::test]
async fn purchases_come_by_pages() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    for _ in 0..2 {
        buy(&shop, ada, None).await?;
    }
    let whole = all(&shop, ada).await?.purchases;
    let page = async |after: &str, before: &str| {
        let page = PageRequest { limit: 3, after: after.to_owned(), before: before.to_owned(), total: true };
        listed(&shop, (&shop.rig.actors, &READS), (ada, page)).await
    };
    let first = page("", "").await?;
    let at = first.page.expect("a page");
    assert_eq!((&first.purchases[..], &*at.total, at.has_more), (&whole[..3], "4", true));
    let second = page(&at.next, "").await?;
    assert_eq!(second.purchases, whole[3..]);
    assert_eq!(page("", &second.page.expect("a page").prev).await?.purchases, whole[..3]);
    Ok(())
}

/// CU-7: needs both permissions; another store sees nothing of it.
#[tokio::test]
async fn purchases_are_for_those_who_may() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    buy(&shop, ada, None).await?;
    let (own, elsewhere) = (&shop.rig.actors, shop.rig.actors.elsewhere());
    for lacking in READS {
        let others: Vec<_> = READS.into_iter().filter(|permission| *permission != lacking).collect();
        let refused = listed(&shop, (own, &others), (ada, PageRequest::default())).await;
        assert_eq!(reason(refused), "permission_required");
    }
    assert_eq!(listed(&shop, (&elsewhere, &READS), (ada, PageRequest::default())).await?.purchases, []);
    let request = own.customer(ada, ListPurchasesRequest { customer: ada.into(), page: None });
    let shopper = PurchaseServiceClient::new(shop.transport.clone()).list_purchases(request).await;
    assert!(shopper.is_err(), "shoppers have lists of their own");
    Ok(())
}
