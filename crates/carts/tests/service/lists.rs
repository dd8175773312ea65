//! Lists of carts (CA-3).
use chrono::TimeDelta;
use kit::{
    ids::{CustomerId, OrderId},
    permission::Permission,
};
use proto::{
    base::v1::PageRequest,
    carts::v1::{Cart, Contact, ListCartsRequest, ListCartsResponse, OpenCartRequest, SetContactRequest},
};

use crate::shop::{Shop, line, reason};

const READ: &[Permission] = &[Permission::CartsRead];

fn page(limit: u32, after: &str, before: &str) -> PageRequest {
    PageRequest { limit, after: after.to_owned(), before: before.to_owned(), total: true }
}

fn ids(answer: &ListCartsResponse) -> Vec<&str> {
    answer.carts.iter().map(|cart| cart.id.as_str()).collect()
}

async fn list(shop: &Shop, request: ListCartsRequest) -> Result<ListCartsResponse, tonic::Status> {
    Ok(shop.client.clone().list_carts(shop.rig.actors.staff(READ, request)).await?.into_inner())
}

/// `count` carts of `customer`, a minute apart, newest first.
async fn carts(shop: &Shop, customer: CustomerId, count: usize) -> anyhow::Result<Vec<Cart>> {
    let mut carts = Vec::new();
    for _ in 0..count {
        let request = shop.rig.actors.customer(customer, OpenCartRequest::default());
        carts.insert(0, shop.client.clone().open_cart(request).await?.into_inner());
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    Ok(carts)
}

/// CA-3
#[tokio::test]
async fn staff_turn_pages_newest_first() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let carts = carts(&shop, shop.customer(), 5).await?;
    let expected: Vec<_> = carts.iter().map(|cart| cart.id.as_str()).collect();
    let ask = |page| list(&shop, ListCartsRequest { page: Some(page), ..ListCartsRequest::default() });
    let first = ask(page(2, "", "")).await?;
    let place = first.page.clone().unwrap();
    assert_eq!((ids(&first), place.has_more, place.total.as_str()), (expected[..2].to_vec(), true, "5"));
    let second = ask(page(2, &place.next, "")).await?;
    let place = second.page.clone().unwrap();
    assert_eq!(ids(&second), expected[2..4]);
    let last = ask(page(2, &place.next, "")).await?;
    assert_eq!((ids(&last), last.page.clone().unwrap().has_more), (expected[4..].to_vec(), false));
    assert_eq!(ids(&ask(page(2, "", &place.prev)).await?), expected[..2]);
    let other =
        ListCartsRequest { status: "open".to_owned(), page: Some(page(2, &place.next, "")), ..Default::default() };
    assert_eq!(reason(list(&shop, other).await), "invalid", "a cursor is of its list only");
    Ok(())
}

/// CA-3
#[tokio::test]
async fn a_list_is_of_one_status_or_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.customer(), shop.customer());
    let expired = shop.cart().await?;
    shop.rig.clock.advance(TimeDelta::days(7));
    let (ada_carts, bob_carts) = (carts(&shop, ada, 1).await?, carts(&shop, bob, 1).await?);
    shop.place(&bob_carts[0], OrderId::new(shop.rig.clock.now())).await?;
    for (status, expected) in [("open", &ada_carts[0]), ("closed", &bob_carts[0]), ("expired", &expired)] {
        let request = ListCartsRequest { status: status.to_owned(), ..ListCartsRequest::default() };
        let answer = list(&shop, request).await?;
        assert_eq!((ids(&answer), answer.carts[0].status.as_str()), (vec![expected.id.as_str()], status));
    }
    let request = ListCartsRequest { customer: bob.into(), ..ListCartsRequest::default() };
    assert_eq!(ids(&list(&shop, request).await?), [bob_carts[0].id.as_str()]);
    for wrong in [("status", "lost"), ("customer", "bob")] {
        let (status, customer) = if wrong.0 == "status" { (wrong.1, "") } else { ("", wrong.1) };
        let request = ListCartsRequest { status: status.to_owned(), customer: customer.to_owned(), page: None };
        assert_eq!(reason(list(&shop, request).await), "invalid");
    }
    Ok(())
}

/// CA-3, ID-30
#[tokio::test]
async fn customers_list_their_own_and_nobody_elses() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada, bob) = (shop.customer(), shop.customer());
    let (own, _) = (carts(&shop, ada, 2).await?, carts(&shop, bob, 1).await?);
    let answer = client.list_carts(actors.customer(ada, ListCartsRequest::default())).await?.into_inner();
    assert_eq!(ids(&answer), own.iter().map(|cart| cart.id.as_str()).collect::<Vec<_>>());
    let others = ListCartsRequest { customer: bob.into(), ..ListCartsRequest::default() };
    assert_eq!(reason(client.list_carts(actors.customer(ada, others)).await), "cart_not_found");
    assert_eq!(reason(client.list_carts(actors.anonymous(ListCartsRequest::default())).await), "unauthenticated");
    let staff = actors.staff(&[Permission::CartsWrite], ListCartsRequest::default());
    assert_eq!(reason(client.list_carts(staff).await), "permission_required");
    let other = actors.elsewhere().staff(READ, ListCartsRequest::default());
    assert!(client.list_carts(other).await?.into_inner().carts.is_empty());
    Ok(())
}

/// CA-3, ID-23
#[tokio::test]
async fn a_list_shows_totals_and_masks_people() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let products: Vec<_> = (0..3).map(|_| shop.sell(100, "EUR")).collect();
    for product in &products {
        let cart = shop.cart().await?;
        client.add_line(actors.anonymous(line(&cart.id, product, 2))).await?;
        let contact = Some(Contact { email: "ada@example.com".to_owned(), ..Contact::default() });
        client.set_contact(actors.anonymous(SetContactRequest { cart: cart.id, contact })).await?;
    }
    let answer = list(&shop, ListCartsRequest::default()).await?;
    assert_eq!(answer.carts.iter().map(|cart| cart.total).collect::<Vec<_>>(), [200, 200, 200]);
    assert!(answer.carts.iter().all(|cart| cart.contact.as_ref().unwrap().email == "a***@example.com"));
    let pii = actors.staff(&[Permission::CartsRead, Permission::CustomersPii], ListCartsRequest::default());
    let answer = client.list_carts(pii).await?.into_inner();
    assert!(answer.carts.iter().all(|cart| cart.contact.as_ref().unwrap().email == "ada@example.com"));
    Ok(())
}
