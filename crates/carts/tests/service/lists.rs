//! Lists of carts (CA-3).
use chrono::TimeDelta;
use kit::{
    ids::{CustomerId, OrderId},
    permission::Permission,
};
use proto::{
    base::v1::{Condition, Filter, FilterList, PageRequest, filter::Node},
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
        let request =
            ListCartsRequest { status: status.to_owned(), customer: customer.to_owned(), ..Default::default() };
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

fn compare(field: &str, op: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

/// Ids of the carts that fit.
async fn fitting(shop: &Shop, filter: Filter, sort: &str) -> anyhow::Result<Vec<String>> {
    let sort = Some(sort.to_owned()).filter(|sort| !sort.is_empty()).into_iter().collect();
    let found = list(shop, ListCartsRequest { filter: Some(filter), sort, ..Default::default() }).await?;
    Ok(found.carts.into_iter().map(|cart| cart.id).collect())
}

/// CA-3: by product, dates, whether they are abandoned, and currency; each to its edge.
#[tokio::test]
async fn carts_are_found_for_remarketing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, pen) = (shop.sell(10, "EUR"), shop.sell(20, "EUR"));
    let old = shop.cart().await?;
    shop.add(&old.id, &mug, 1).await?;
    shop.rig.clock.advance(TimeDelta::minutes(10));
    let empty = shop.cart().await?;
    shop.rig.clock.advance(TimeDelta::seconds(1));
    let young = shop.cart().await?;
    shop.add(&young.id, &pen, 1).await?;
    shop.add(&young.id, &mug, 1).await?;
    let noon = |minutes| (shop.rig.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339();
    let find = async |field: &str, op: &str, values: &[&str]| fitting(&shop, compare(field, op, values), "").await;

    assert_eq!(find("product", "eq", &[&pen]).await?, std::slice::from_ref(&young.id));
    assert_eq!(find("product", "in", &[&pen, &mug]).await?, [young.id.clone(), old.id.clone()]);
    assert_eq!(find("created_at", "lt", &[&noon(0)]).await?, [empty.id.clone(), old.id.clone()]);
    assert_eq!(find("created_at", "between", &[&noon(0), &noon(0)]).await?, std::slice::from_ref(&young.id));
    assert_eq!(find("currency", "eq", &["eur"]).await?.len(), 3);
    assert_eq!(find("currency", "ne", &["EUR"]).await?.len(), 0);
    assert_eq!(find("status", "eq", &["open"]).await?.len(), 3);
    assert_eq!(find("store", "eq", &[&young.store]).await?.len(), 3);
    assert_eq!(find("abandoned", "eq", &["true"]).await?.len(), 0);

    shop.rig.clock.advance(TimeDelta::minutes(20) - TimeDelta::seconds(1) - TimeDelta::microseconds(1));
    assert_eq!(find("abandoned", "eq", &["true"]).await?.len(), 0);
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(
        find("abandoned", "eq", &["true"]).await?,
        std::slice::from_ref(&old.id),
        "whether or not anybody has marked it"
    );
    assert_eq!(find("abandoned", "eq", &["false"]).await?, [young.id.clone(), empty.id.clone()]);
    shop.rig.clock.advance(TimeDelta::days(1));
    assert_eq!(find("abandoned", "eq", &["true"]).await?, [young.id.clone(), old.id.clone()], "an empty one is not");
    let day_ago = (shop.rig.clock.now() - TimeDelta::days(1)).to_rfc3339();
    assert_eq!(find("abandoned_at", "lte", &[&day_ago]).await?, std::slice::from_ref(&old.id));
    assert_eq!(find("abandoned_at", "gt", &[&day_ago]).await?, std::slice::from_ref(&young.id));
    let both = vec![compare("abandoned", "eq", &["true"]), compare("product", "eq", &[&pen])];
    let both = Filter { node: Some(Node::And(FilterList { filters: both })) };
    assert_eq!(fitting(&shop, both, "").await?, std::slice::from_ref(&young.id));
    Ok(())
}

/// CA-3: pages in each order, there and back; an unknown order or field is refused.
#[tokio::test]
async fn carts_are_sorted_as_asked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ids: Vec<String> = carts(&shop, shop.customer(), 3).await?.into_iter().rev().map(|cart| cart.id).collect();
    let oldest = shop.rig.actors.staff(&[Permission::CartsWrite], line(&ids[0], &shop.sell(10, "EUR"), 1));
    shop.client.clone().add_line(oldest).await?;
    let changed = [&ids[1], &ids[2], &ids[0]].map(String::as_str);
    for (sort, expected) in [
        ("created_at", [0, 1, 2].map(|place: usize| ids[place].as_str())),
        ("-created_at", [2, 1, 0].map(|place: usize| ids[place].as_str())),
        ("updated_at", changed),
        ("-updated_at", [changed[2], changed[1], changed[0]]),
    ] {
        let ask =
            |page| list(&shop, ListCartsRequest { sort: vec![sort.into()], page: Some(page), ..Default::default() });
        let first = ask(page(2, "", "")).await?;
        let second = ask(page(2, &first.page.clone().unwrap().next, "")).await?;
        assert_eq!([self::ids(&first), self::ids(&second)].concat(), expected, "{sort}");
        let back = ask(page(2, "", &second.page.clone().unwrap().prev)).await?;
        assert_eq!(self::ids(&back), expected[..2], "{sort}");
    }
    for sort in [vec!["total"], vec!["created_at", "updated_at"]] {
        let sort = sort.into_iter().map(str::to_owned).collect();
        assert_eq!(reason(list(&shop, ListCartsRequest { sort, ..Default::default() }).await), "invalid");
    }
    let filter = Some(compare("email", "eq", &["ada@example.com"]));
    assert_eq!(reason(list(&shop, ListCartsRequest { filter, ..Default::default() }).await), "invalid");
    Ok(())
}
