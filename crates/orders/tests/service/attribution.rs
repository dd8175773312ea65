//! Who and what brought orders about (CA-8, OR-2): from the cart to the order, its subscription and its renewals.
use chrono::TimeDelta;
use kit::{ids::CustomerId, permission::Permission};
use proto::{
    base::v1::{Attribution, Condition, Filter, filter::Node},
    carts::v1::Cart,
    orders::v1::{
        GetOrderRequest, GetSubscriptionRequest, ListOrdersRequest, Order, Subscription,
        subscription_service_client::SubscriptionServiceClient,
    },
};
use sqlx::Row as _;
use tonic::Request;

use crate::{
    shop::{Shop, payment, wish},
    subscribers::{monthly, renewal},
};

const PII: &[Permission] = &[Permission::OrdersRead, Permission::CustomersPii];

fn brought() -> Attribution {
    Attribution {
        agent: "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d50".to_owned(),
        affiliate: "ann".to_owned(),
        funnel: "phone".to_owned(),
        gclid: "Cj0K".to_owned(),
        utm_source: "news".to_owned(),
        utm_campaign: "spring".to_owned(),
        metadata: [("visitor".to_owned(), "7".to_owned())].into(),
        ..Attribution::default()
    }
}

/// A cart that `attribution` brought about.
fn cart(shop: &Shop, attribution: Attribution) -> Cart {
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| cart.attribution = Some(attribution));
    cart
}

async fn buy(shop: &Shop, customer: CustomerId, cart: &Cart) -> anyhow::Result<Order> {
    let token = shop.begin_by(shop.rig.actors.customer(customer, wish(&cart.id, "test"))).await?.token;
    let bought = shop.capture_by(shop.rig.actors.customer(customer, payment(&token, "pm_test_ok"))).await?;
    Ok(bought.order.expect("an order"))
}

async fn get(shop: &Shop, request: Request<GetOrderRequest>) -> anyhow::Result<Order> {
    Ok(shop.orders.clone().get_order(request).await?.into_inner())
}

fn named(order: &Order) -> GetOrderRequest {
    GetOrderRequest { id: order.id.clone() }
}

/// OR-2, CA-8, ID-23: an order has what brought its cart about; staff see it, masked where it leads to a person, and
/// customers do not.
#[tokio::test]
async fn an_order_has_it_from_its_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let order = buy(&shop, ann, &cart(&shop, brought())).await?;
    assert_eq!(order.attribution, None);
    let actors = &shop.rig.actors;
    assert_eq!(get(&shop, actors.customer(ann, named(&order))).await?.attribution, None);
    assert_eq!(get(&shop, actors.staff(PII, named(&order))).await?.attribution, Some(brought()));
    let seen = get(&shop, actors.staff(&[Permission::OrdersRead], named(&order))).await?;
    let masked = Attribution {
        gclid: "***".to_owned(),
        metadata: [("visitor".to_owned(), "***".to_owned())].into(),
        ..brought()
    };
    assert_eq!(seen.attribution, Some(masked));
    assert!(seen.redacted.ends_with(&["attribution.gclid".to_owned(), "attribution.metadata".to_owned()]));
    Ok(())
}

/// CA-8: the newest word before an order is placed counts, but an agent who is recorded stays.
#[tokio::test]
async fn a_second_attempt_keeps_the_agent() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, brought());
    let token = shop.begin(&cart.id).await?.token;
    shop.capture(&token, "pm_test_declined").await?;
    let other = Attribution { agent: "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d51".into(), ..Attribution::default() };
    shop.carts.change(&cart.id, |cart| cart.attribution = Some(Attribution { affiliate: "bob".into(), ..other }));
    let token = shop.begin(&cart.id).await?.token;
    let order = shop.capture(&token, "pm_test_ok").await?.order.expect("an order");
    let seen = get(&shop, shop.rig.actors.staff(PII, named(&order))).await?.attribution;
    let expected = Attribution { agent: brought().agent, affiliate: "bob".into(), ..Attribution::default() };
    assert_eq!(seen, Some(expected));
    Ok(())
}

/// CA-8: a subscription has it from the order that it began with, and so have the orders of its renewals.
#[tokio::test]
async fn it_goes_on_with_a_subscription() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let cart = shop.planned(&monthly(&shop, 0));
    shop.carts.change(&cart.id, |cart| cart.attribution = Some(brought()));
    let begun = buy(&shop, ann, &cart).await?;
    let one: Subscription = shop.own(ann).await?.into_iter().find(|one| one.order == begun.id).expect("a subscription");
    assert_eq!(one.attribution, None, "a customer does not see it");
    let mut subscriptions = SubscriptionServiceClient::new(shop.transport.clone());
    let wanted = GetSubscriptionRequest { id: one.id.clone() };
    let seen = subscriptions.get_subscription(shop.rig.actors.staff(PII, wanted)).await?.into_inner();
    assert_eq!(seen.attribution, Some(brought()));
    shop.rig.clock.advance(renewal(&one) - shop.rig.clock.now() + TimeDelta::seconds(1));
    while shop.renewer().round().await? > 0 {}
    let renewed = shop.now(&one).await?.renewals.remove(0).order;
    let renewed = get(&shop, shop.rig.actors.staff(PII, GetOrderRequest { id: renewed })).await?;
    assert_eq!(renewed.attribution, Some(brought()));
    Ok(())
}

fn filter(field: &str, op: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

/// CA-8, OR-2: orders are found by who and what brought them about; and what is not known of an order is not that.
#[tokio::test]
async fn orders_are_found_by_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    for known in
        [brought(), Attribution { affiliate: "bob".to_owned(), ..Attribution::default() }, Attribution::default()]
    {
        buy(&shop, ann, &cart(&shop, known)).await?;
        shop.rig.clock.advance(TimeDelta::minutes(1));
    }
    let list = async |filter| {
        let request = ListOrdersRequest { filter: Some(filter), ..ListOrdersRequest::default() };
        let found = shop.orders.clone().list_orders(shop.rig.actors.staff(PII, request)).await?.into_inner().orders;
        anyhow::Ok(found.into_iter().map(|order| order.number).collect::<Vec<_>>())
    };
    for (field, op, values, expected) in [
        ("agent", "eq", vec![&*brought().agent], vec!["1001"]),
        ("affiliate", "in", vec!["ann", "bob"], vec!["1002", "1001"]),
        ("funnel", "eq", vec!["phone"], vec!["1001"]),
        ("utm_source", "eq", vec!["news"], vec!["1001"]),
        ("utm_campaign", "eq", vec!["spring"], vec!["1001"]),
        ("utm_campaign", "eq", vec!["autumn"], vec![]),
    ] {
        assert_eq!(list(filter(field, op, &values)).await?, expected, "{field} {values:?}");
    }
    let not = Filter { node: Some(Node::Not(Box::new(filter("affiliate", "eq", &["ann"])))) };
    assert_eq!(list(not).await?, ["1003", "1002"]);
    Ok(())
}

/// CA-8: each of these lists is read by its index.
#[tokio::test]
async fn each_list_has_its_index() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut tx = shop.db.begin_own().await?;
    sqlx::query("set local enable_seqscan = off").execute(&mut *tx).await?;
    for (word, index) in [
        ("agent", "orders_by_agent"),
        ("affiliate", "orders_by_affiliate"),
        ("funnel", "orders_by_funnel"),
        ("utm_campaign", "orders_by_campaign"),
        ("utm_source", "orders_by_source"),
    ] {
        let sql = format!(
            "explain select * from orders where placed_at is not null and realm_id = '{}'
               and (attribution ->> '{word}') = 'x' order by placed_at desc, id desc limit 26",
            shop.rig.actors.realm.uuid(),
        );
        let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *tx).await?;
        let plan = plan.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?.join("\n");
        assert!(plan.contains(&format!("using {index}")) && !plan.contains("Sort"), "{plan}");
    }
    Ok(())
}
