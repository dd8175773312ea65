//! Filters, orders and pages of the list.
use chrono::TimeDelta;
use kit::permission::Permission;
use proto::{
    base::v1::{Filter, FilterList, Page, PageRequest, filter::Node},
    customers::v1::ListCustomersRequest,
};
use tonic::Code;

use crate::shop::{PII, Shop, faults, filter, id};

/// Eight customers, of whom the even ones bought and every third is registered; ties included.
async fn crowd() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    for place in 0..8_i64 {
        shop.rig.clock.advance(TimeDelta::minutes(1));
        let (email, name) = (format!("c{place}@example.com"), format!("Customer {}", (place * 5) % 8));
        let customer = shop.meet(&email, &name).await?;
        if place % 2 == 0 {
            shop.hear(&shop.placed(&customer.id, &place.to_string(), shop.now() - TimeDelta::hours(place))).await?;
            shop.hear(&shop.captured(&customer.id, (place / 4 * 100, "EUR"), shop.now())).await?;
        }
        if place % 3 == 0 {
            shop.register(&email).await?;
        }
    }
    Ok(shop)
}

fn sorted(sort: &[&str]) -> ListCustomersRequest {
    ListCustomersRequest { sort: sort.iter().map(|name| (*name).to_owned()).collect(), ..Default::default() }
}

/// Walks through all pages of `limit`, then all the way back, and answers the names as they came.
async fn walk(shop: &Shop, request: &ListCustomersRequest, limit: u32) -> anyhow::Result<Vec<String>> {
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut page = PageRequest { limit, ..PageRequest::default() };
    let mut place = loop {
        let (names, place) = read(shop, request, &page).await?;
        pages.push(names);
        if place.next.is_empty() {
            break place;
        }
        page.after = place.next;
    };
    for expected in pages.iter().rev().skip(1) {
        let page = PageRequest { limit, before: place.prev, ..PageRequest::default() };
        let names;
        (names, place) = read(shop, request, &page).await?;
        assert_eq!(&names, expected, "the way back is the same: {:?}", request.sort);
    }
    assert_eq!(place.prev, "");
    Ok(pages.concat())
}

async fn read(shop: &Shop, request: &ListCustomersRequest, page: &PageRequest) -> anyhow::Result<(Vec<String>, Page)> {
    let answer = shop.list(ListCustomersRequest { page: Some(page.clone()), ..request.clone() }).await?;
    let names = answer.customers.into_iter().map(|customer| customer.name).collect();
    Ok((names, answer.page.unwrap_or_default()))
}

/// CU-5: every order is complete, stable in pages of any size, the same backwards, and its own reverse.
#[tokio::test]
async fn every_order_is_walked_in_pages() -> anyhow::Result<()> {
    let shop = crowd().await?;
    for sort in
        ["name", "total_spent", "orders_count", "registered_at", "last_order_at", "created_at", "updated_at", "id"]
    {
        let descending = format!("-{sort}");
        let (up, down) = (sorted(&[sort]), sorted(&[&descending]));
        let whole = shop.names(up.clone()).await?;
        assert_eq!(whole.len(), 8);
        for limit in [1, 3, 4] {
            assert_eq!(walk(&shop, &up, limit).await?, whole, "{sort} by {limit}");
        }
        let mut reverse = walk(&shop, &down, 3).await?;
        reverse.reverse();
        assert_eq!(reverse, whole, "{sort}");
    }
    for sort in [["-orders_count", "name"], ["registered_at", "-total_spent"], ["total_spent", "-last_order_at"]] {
        let request = sorted(&sort);
        assert_eq!(walk(&shop, &request, 3).await?, shop.names(request).await?, "{sort:?}");
    }
    Ok(())
}

/// CU-5: without an order the newest come first; what never happened comes last when the latest come first.
#[tokio::test]
async fn the_newest_come_first() -> anyhow::Result<()> {
    let shop = crowd().await?;
    let names = shop.names(ListCustomersRequest::default()).await?;
    assert_eq!(&names[..2], ["Customer 3", "Customer 6"]);
    let names = shop.names(sorted(&["-last_order_at", "-name"])).await?;
    assert_eq!(names[..2], ["Customer 0", "Customer 2"]);
    assert_eq!(names[4..], ["Customer 7", "Customer 5", "Customer 3", "Customer 1"]);
    Ok(())
}

/// CU-5: each operator, on a field of each kind.
#[tokio::test]
async fn filters_hold() -> anyhow::Result<()> {
    let shop = crowd().await?;
    sqlx::query("update customers set tags = '{vip,press}' where email = 'c1@example.com'")
        .execute(shop.db.pool())
        .await?;
    let one = shop.list(ListCustomersRequest { query: "c1@".to_owned(), ..Default::default() }).await?;
    let one = id(&one.customers[0]).to_string();
    for (field, op, values, expected) in [
        ("lifecycle", "eq", vec!["lead"], 4),
        ("lifecycle", "ne", vec!["lead"], 4),
        ("registration", "in", vec!["registered", "guest"], 8),
        ("registration", "nin", vec!["guest"], 3),
        ("status", "eq", vec!["inactive"], 0),
        ("orders_count", "gte", vec!["1"], 4),
        ("orders_count", "between", vec!["0", "0"], 4),
        ("total_spent", "gt", vec!["0"], 2),
        ("total_spent", "in", vec!["100", "7"], 2),
        ("created_at", "lt", vec!["2026-03-02T12:03:00Z"], 2),
        ("created_at", "between", vec!["2026-03-02", "2026-03-02T12:03:00Z"], 3),
        ("updated_at", "lte", vec!["2026-03-02T12:01:00Z"], 1),
        ("registered_at", "exists", vec!["true"], 3),
        ("registered_at", "lt", vec!["2027-01-01"], 3),
        ("last_order_at", "exists", vec!["false"], 4),
        ("last_order_at", "ne", vec!["2020-01-01"], 8),
        ("tags", "eq", vec!["vip"], 1),
        ("tags", "in", vec!["vip", "other"], 1),
        ("tags", "ne", vec!["vip"], 7),
        ("tags", "exists", vec!["true"], 1),
        ("email", "eq", vec!["C1@Example.com"], 1),
        ("email", "contains", vec!["XAMPLE"], 8),
        ("email", "in", vec!["c1@example.com", "c2@example.com"], 2),
        ("name", "starts", vec!["customer"], 8),
        ("name", "starts", vec!["ustomer"], 0),
        ("name", "contains", vec!["%"], 0),
        ("name", "eq", vec!["CUSTOMER 5"], 1),
        ("id", "eq", vec![one.as_str()], 1),
        ("id", "nin", vec![one.as_str()], 7),
    ] {
        let request = ListCustomersRequest { filter: Some(filter(field, op, &values)), ..Default::default() };
        assert_eq!(shop.names(request).await?.len(), expected, "{field} {op} {values:?}");
    }
    Ok(())
}

/// CU-5: filters combine, and a negation holds for everybody else, also for whom nothing happened yet.
#[tokio::test]
async fn filters_combine() -> anyhow::Result<()> {
    let shop = crowd().await?;
    let all = |filters| Filter { node: Some(Node::And(FilterList { filters })) };
    let any = |filters| Filter { node: Some(Node::Or(FilterList { filters })) };
    let not = |filter| Filter { node: Some(Node::Not(Box::new(filter))) };
    let registered = || filter("registration", "eq", &["registered"]);
    let bought = || filter("last_order_at", "gt", &["2020-01-01"]);
    for (tree, expected) in [
        (all(vec![registered(), bought()]), 2),
        (any(vec![registered(), bought()]), 5),
        (not(bought()), 4),
        (all(vec![not(registered()), not(bought())]), 3),
    ] {
        let page = Some(PageRequest { total: true, limit: 2, ..Default::default() });
        let request = ListCustomersRequest { filter: Some(tree.clone()), page, ..Default::default() };
        let answer = shop.list(request.clone()).await?;
        assert_eq!(answer.page.unwrap_or_default().total, expected.to_string(), "{tree:?}");
        assert_eq!(walk(&shop, &ListCustomersRequest { page: None, ..request }, 2).await?.len(), expected);
    }
    Ok(())
}

/// CU-5: what makes no sense is refused with the place of the fault.
#[tokio::test]
async fn what_makes_no_sense_is_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let unknown = ListCustomersRequest { filter: Some(filter("shoe_size", "eq", &["42"])), ..Default::default() };
    let limit =
        ListCustomersRequest { page: Some(PageRequest { limit: 101, ..Default::default() }), ..Default::default() };
    let search = ListCustomersRequest { query: "a\0".to_owned(), ..Default::default() };
    for (request, pointer) in
        [(unknown, "/filter"), (sorted(&["shoe_size"]), "/sort"), (limit, "/limit"), (search, "/q")]
    {
        let status = shop.list(request).await.expect_err("makes no sense");
        assert_eq!(faults(&status)[0].0, pointer);
    }
    Ok(())
}

/// PL-4: a cursor is good for the list it came from, and for no other.
#[tokio::test]
async fn a_cursor_is_bound_to_its_list() -> anyhow::Result<()> {
    let shop = crowd().await?;
    let page = PageRequest { limit: 2, ..PageRequest::default() };
    let answer = shop.list(ListCustomersRequest { page: Some(page.clone()), ..Default::default() }).await?;
    let page = Some(PageRequest { after: answer.page.unwrap_or_default().next, ..page });
    let (other_sort, searched) =
        (sorted(&["name"]), ListCustomersRequest { query: "c".to_owned(), ..Default::default() });
    let filtered = ListCustomersRequest { filter: Some(filter("lifecycle", "eq", &["lead"])), ..Default::default() };
    for request in [other_sort, searched, filtered] {
        let status = shop.list(ListCustomersRequest { page: page.clone(), ..request }).await.expect_err("another list");
        assert_eq!(faults(&status), [("/after".to_owned(), "bad_cursor".to_owned())]);
    }
    let request = ListCustomersRequest { page, ..Default::default() };
    let foreign = shop.actors().elsewhere().staff(PII, request);
    assert_eq!(shop.client.clone().list_customers(foreign).await.expect_err("foreign").code(), Code::InvalidArgument);
    Ok(())
}

/// ID-30, PL-4: the list needs the permission and ends at the realm.
#[tokio::test]
async fn the_list_ends_at_the_realm() -> anyhow::Result<()> {
    let shop = crowd().await?;
    let all = ListCustomersRequest::default;
    let answer = shop.client.clone().list_customers(shop.actors().elsewhere().staff(PII, all())).await?;
    assert!(answer.into_inner().customers.is_empty());
    let someone = kit::ids::CustomerId::new(shop.now());
    for request in [
        shop.actors().anonymous(all()),
        shop.actors().customer(someone, all()),
        shop.actors().staff(&[Permission::OrdersRead], all()),
    ] {
        let status = shop.client.clone().list_customers(request).await.expect_err("no permission");
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    Ok(())
}
