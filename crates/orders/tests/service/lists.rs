//! Lists of orders: order, pages, search, filters.
use chrono::TimeDelta;
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, PageRequest, filter::Node},
    orders::v1::{BrowseOwnOrdersRequest, ListOrdersRequest, ListOrdersResponse},
};
use tonic::Status;

use crate::shop::{Shop, faults, wish};

async fn list(shop: &Shop, request: ListOrdersRequest) -> Result<ListOrdersResponse, Status> {
    let request = shop.rig.actors.staff(&[Permission::OrdersRead], request);
    Ok(shop.orders.clone().list_orders(request).await?.into_inner())
}

fn numbers(list: &ListOrdersResponse) -> Vec<&str> {
    list.orders.iter().map(|order| &*order.number).collect()
}

/// `count` orders, a minute apart; every third on invoice.
async fn stocked(count: usize) -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    for i in 0..count {
        let (gateway, method) = if i % 3 == 2 { ("manual", "") } else { ("test", "pm_test_ok") };
        let request = shop.rig.actors.customer(own, wish(&shop.cart().id, gateway));
        let checkout = shop.begin_by(request).await?;
        shop.capture(&checkout.token, method).await?;
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    Ok(shop)
}

fn page(limit: u32, after: &str, before: &str) -> ListOrdersRequest {
    let page = PageRequest { limit, after: after.to_owned(), before: before.to_owned(), total: true };
    ListOrdersRequest { page: Some(page), ..ListOrdersRequest::default() }
}

/// Newest first, forth and back by cursors, with a total.
#[tokio::test]
async fn pages_go_forth_and_back() -> anyhow::Result<()> {
    let shop = stocked(5).await?;
    let first = list(&shop, page(2, "", "")).await?;
    assert_eq!(numbers(&first), ["1005", "1004"]);
    let at = first.page.expect("a page");
    assert_eq!((at.has_more, &*at.prev, &*at.total), (true, "", "5"));
    let second = list(&shop, page(2, &at.next, "")).await?;
    assert_eq!(numbers(&second), ["1003", "1002"]);
    let at = second.page.expect("a page");
    let last = list(&shop, page(2, &at.next, "")).await?;
    assert_eq!((numbers(&last), &*last.page.clone().expect("a page").next), (vec!["1001"], ""));
    let back = list(&shop, page(2, "", &at.prev)).await?;
    assert_eq!(numbers(&back), ["1005", "1004"]);
    Ok(())
}

/// A cursor is good for the list it was made for.
#[tokio::test]
async fn cursors_are_bound_to_their_list() -> anyhow::Result<()> {
    let shop = stocked(3).await?;
    let next = list(&shop, page(1, "", "")).await?.page.expect("a page").next;
    let other = ListOrdersRequest { query: "10".to_owned(), ..page(1, &next, "") };
    assert_eq!(faults(list(&shop, other).await), ["/after bad_cursor"]);
    assert_eq!(faults(list(&shop, page(1, "made-up", "")).await), ["/after bad_cursor"]);
    assert_eq!(faults(list(&shop, page(101, "", "")).await), ["/limit out_of_range"]);
    Ok(())
}

/// A number is found by its beginning, however people write it.
#[tokio::test]
async fn orders_are_found_by_number() -> anyhow::Result<()> {
    let shop = stocked(3).await?;
    for (query, expected) in [("1002", vec!["1002"]), ("#1002 ", vec!["1002"]), ("100", vec!["1003", "1002", "1001"])] {
        let request = ListOrdersRequest { query: query.to_owned(), ..ListOrdersRequest::default() };
        assert_eq!(numbers(&list(&shop, request).await?), expected, "{query}");
    }
    for query in ["002", "%", "_"] {
        let request = ListOrdersRequest { query: query.to_owned(), ..ListOrdersRequest::default() };
        assert!(list(&shop, request).await?.orders.is_empty(), "{query}");
    }
    Ok(())
}

/// Filters over the fields of API.md; anything else is refused.
#[tokio::test]
async fn orders_are_filtered() -> anyhow::Result<()> {
    let shop = stocked(3).await?;
    let filtered = |field: &str, op: &str, values: &[&str]| {
        let values = values.iter().map(ToString::to_string).collect();
        let condition = Condition { field: field.to_owned(), op: op.to_owned(), values };
        let filter = Filter { node: Some(Node::Condition(condition)) };
        list(&shop, ListOrdersRequest { filter: Some(filter), ..ListOrdersRequest::default() })
    };
    let all = vec!["1003", "1002", "1001"];
    for (field, op, values, expected) in [
        ("payment_status", "eq", vec!["pending"], vec!["1003"]),
        ("payment_status", "nin", vec!["pending"], vec!["1002", "1001"]),
        ("status", "in", vec!["placed", "completed"], all.clone()),
        ("placed_at", "gte", vec!["2026-03-02T12:01:00Z"], vec!["1003", "1002"]),
        ("placed_at", "between", vec!["2026-03-02T12:00:00Z", "2026-03-02T13:01:00+01:00"], vec!["1002", "1001"]),
        ("total", "eq", vec!["4498"], all),
        ("total", "lt", vec!["4498"], vec![]),
        ("number", "starts", vec!["1001"], vec!["1001"]),
        ("number", "ne", vec!["1001"], vec!["1003", "1002"]),
    ] {
        assert_eq!(numbers(&filtered(field, op, &values).await?), expected, "{field} {op} {values:?}");
    }
    assert_eq!(faults(filtered("email", "eq", &["own@example.com"]).await), ["/filter unknown_field"]);
    Ok(())
}

/// Shop fronts of the older kind ask by offset.
#[tokio::test]
async fn own_orders_by_offset() -> anyhow::Result<()> {
    let shop = stocked(3).await?;
    let own = shop.people.0.lock().unwrap()["own@example.com"].id.parse()?;
    let mut orders = shop.orders.clone();
    let mut browse = async |limit, offset| {
        let request = shop.rig.actors.customer(own, BrowseOwnOrdersRequest { limit, offset });
        Ok::<_, Status>(orders.browse_own_orders(request).await?.into_inner())
    };
    let found = browse(2, 1).await?;
    assert_eq!((numbers(&found), found.page.clone().expect("a page").has_more), (vec!["1002", "1001"], false));
    assert!(browse(2, 0).await?.page.expect("a page").has_more);
    assert_eq!(faults(browse(101, 10_001).await), ["/limit out_of_range", "/offset out_of_range"]);
    Ok(())
}

/// What no number can hold is refused rather than handed to the database.
#[tokio::test]
async fn a_search_or_filter_with_control_characters_is_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let request = ListOrdersRequest { query: "10\0".to_owned(), ..ListOrdersRequest::default() };
    assert_eq!(faults(list(&shop, request).await), ["/q malformed"]);
    for op in ["eq", "starts", "in"] {
        let one = Condition { field: "number".to_owned(), op: op.to_owned(), values: vec!["\0".to_owned()] };
        let filter = Some(Filter { node: Some(Node::Condition(one)) });
        let request = ListOrdersRequest { filter, ..ListOrdersRequest::default() };
        assert_eq!(faults(list(&shop, request).await), ["/filter malformed"], "{op}");
    }
    Ok(())
}
