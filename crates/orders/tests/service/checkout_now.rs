//! Check-out by staff in a customer's name (CA-7).
use kit::{
    actor::Kind,
    assertion::Claims,
    ids::{CustomerId, StaffId},
    permission::{
        Permission,
        Permission::{CartsRead, CartsWrite, CustomersPii, CustomersRead, OrdersRead},
        Permissions,
    },
};
use prost::Message;
use proto::{
    base::v1::{Attribution, Audited},
    carts::v1::Cart,
    orders::v1::{
        CheckOutNowRequest, CheckoutOutcome, GetOrderRequest, OpenCheckoutNowRequest, Order,
        checkout_now_service_client::CheckoutNowServiceClient,
    },
};
use testing::actors::{if_match, keyed, with};
use tokio::task::JoinSet;
use tonic::{Request, Status};

use crate::{
    shop::{CHARGES, ORDERS, Shop, guest, payment, reason, wish},
    till::Till,
};

const MAY: &[Permission] = &[CartsWrite, CustomersPii, CustomersRead];

/// A request by `who` of the staff, from their own desk.
fn by<T>(shop: &Shop, who: StaffId, permissions: &[Permission], message: T) -> Request<T> {
    let perms: Permissions = permissions.iter().copied().collect();
    let request = shop.rig.actors.request(&Claims { perms, ..shop.rig.actors.claims(Kind::Staff, who) }, message);
    let mut request = with(request, kit::call::header::CLIENT_IP, "198.51.100.7");
    request.set_timeout(std::time::Duration::from_secs(12));
    request
}

fn agent(shop: &Shop) -> StaffId {
    StaffId::new(shop.rig.clock.now())
}

/// A cart of `customer`.
fn cart(shop: &Shop, customer: CustomerId) -> Cart {
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| cart.customer = customer.into());
    cart
}

fn paid(cart: &Cart, gateway: &str, method: &str) -> CheckOutNowRequest {
    let (gateway, payment_method) = (gateway.to_owned(), method.to_owned());
    CheckOutNowRequest { cart: cart.id.clone(), gateway, payment_method, expected_total: None }
}

async fn check_out(shop: &Shop, request: Request<CheckOutNowRequest>) -> Result<CheckoutOutcome, Status> {
    let mut now = CheckoutNowServiceClient::new(shop.transport.clone());
    Ok(now.check_out_now(request).await?.into_inner())
}

async fn seen(shop: &Shop, order: &Order) -> anyhow::Result<Order> {
    let wanted = GetOrderRequest { id: order.id.clone() };
    Ok(shop.orders.clone().get_order(shop.rig.actors.staff(&[OrdersRead, CustomersPii], wanted)).await?.into_inner())
}

/// What the audit was told.
async fn audited(shop: &Shop) -> anyhow::Result<Vec<Audited>> {
    let told: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from outbox where subject = 'patron.orders.v1.Audited' order by id")
            .fetch_all(shop.db.pool())
            .await?;
    Ok(told.iter().map(|payload| Audited::decode(&**payload)).collect::<Result<_, _>>()?)
}

/// CA-7, CA-8, ID-28: the order looks placed by the customer and carries their own network address, also in the ledger;
/// the audit names who did it, from where, and they are its agent.
#[tokio::test]
async fn it_looks_placed_by_the_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ann, who) = (shop.customer("ann@example.com"), agent(&shop));
    // She was seen here before, with an order of her own.
    let own = shop.begin_by(shop.rig.actors.customer(ann, wish(&shop.cart().id, "test"))).await?;
    shop.capture_by(shop.rig.actors.customer(ann, payment(&own.token, "pm_test_ok"))).await?;
    let cart = cart(&shop, ann);
    let outcome = check_out(&shop, by(&shop, who, MAY, paid(&cart, "test", "pm_test_ok"))).await?;
    assert_eq!(outcome.status, "completed");
    let order = seen(&shop, &outcome.order.expect("an order")).await?;
    assert_eq!((&order.customer, &*order.email), (&String::from(ann), "ann@example.com"));
    assert_eq!((&*order.ip, &*order.user_agent), ("203.0.113.9", "Browser/1"));
    assert!(order.transactions.iter().all(|entry| entry.ip == "203.0.113.9"), "{:?}", order.transactions);
    let name = format!("customer {ann}");
    assert!(order.history.iter().all(|change| change.actor == name && change.impersonator.is_empty()));
    assert_eq!(order.attribution, Some(Attribution { agent: who.into(), ..Attribution::default() }));
    let told = audited(&shop).await?;
    let named = |entry: &Audited| {
        let person = entry.impersonator.as_ref().or(entry.actor.as_ref());
        person.is_some_and(|person| person.id == String::from(who)) && entry.ip == "198.51.100.7"
    };
    assert!(told.len() >= 2 && told.iter().all(named), "{told:?}");
    Ok(())
}

/// CA-7, ID-28: where nothing is known of where the customer was, nothing is made up: never the agent's own address.
#[tokio::test]
async fn the_agents_address_is_nobodys() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let outcome = check_out(&shop, by(&shop, agent(&shop), MAY, paid(&cart(&shop, ann), "manual", ""))).await?;
    let order = seen(&shop, &outcome.order.expect("an order")).await?;
    assert_eq!((&*order.ip, &*order.payment_status), ("", "pending"));
    Ok(())
}

/// CA-7, OR-1: nothing is bought for another price than the agent was shown, nor of a cart that was changed since.
#[tokio::test]
async fn what_was_shown_is_what_it_costs() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("ann@example.com"));
    let at = |total| CheckOutNowRequest { expected_total: Some(total), ..paid(&cart, "manual", "") };
    let shown = 4_498;
    for other in [shown - 1, shown + 1] {
        let changed = check_out(&shop, by(&shop, agent(&shop), MAY, at(other))).await;
        assert_eq!(reason(changed), "price_changed", "{other}");
    }
    let changed = if_match(by(&shop, agent(&shop), MAY, at(shown)), cart.version + 1);
    assert_eq!(reason(check_out(&shop, changed).await), "stale_version");
    assert_eq!((shop.count(ORDERS).await?, audited(&shop).await?.len()), (0, 0));
    let same = if_match(by(&shop, agent(&shop), MAY, at(shown)), cart.version);
    assert_eq!(check_out(&shop, same).await?.status, "completed");
    Ok(())
}

/// CA-7: who does it is named before any money moves: also when the process dies after the gateway took it.
#[tokio::test]
async fn an_agent_is_named_before_money_moves() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("ann@example.com"));
    let request = by(&shop, agent(&shop), MAY, paid(&cart, "test", "pm_test_timeout"));
    let mut now = CheckoutNowServiceClient::new(shop.transport.clone());
    let buying = tokio::spawn(async move { now.check_out_now(request).await });
    while shop.count(CHARGES).await? == 0 {
        tokio::task::yield_now().await;
    }
    let told = audited(&shop).await?;
    buying.abort();
    assert_eq!(told.iter().map(|entry| &*entry.action).collect::<Vec<_>>(), ["checkout_now.begun"]);
    Ok(())
}

/// CA-7: what sends the customer to a page of their own is refused, and nothing is left of it; a link does it.
#[tokio::test]
async fn redirects_are_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("ann@example.com"));
    for (gateway, method) in [("test", "pm_test_redirect"), ("stripe", "hosted")] {
        let refused = check_out(&shop, by(&shop, agent(&shop), MAY, paid(&cart, gateway, method))).await;
        assert_eq!(reason(refused), "redirect_for_agents", "{gateway}");
    }
    assert_eq!(shop.count(ORDERS).await?, 0);
    let declined = check_out(&shop, by(&shop, agent(&shop), MAY, paid(&cart, "test", "pm_test_declined"))).await?;
    assert_eq!(declined.status, "declined");
    let outcome = check_out(&shop, by(&shop, agent(&shop), MAY, paid(&cart, "test", "pm_test_ok"))).await?;
    assert_eq!((&*outcome.status, shop.count(ORDERS).await?), ("completed", 1));
    Ok(())
}

/// CA-7, OR-3: a card whose bank asks the customer is called off at once, at Stripe, too; the answer says why, repeated or
/// not, and a link or another card still does it.
#[tokio::test]
async fn a_bank_that_asks_is_not_answered_by_agents() -> anyhow::Result<()> {
    let till = Till::open().await?;
    let (shop, who) = (&till.shop, agent(&till.shop));
    let cart = cart(shop, shop.customer("ann@example.com"));
    for _ in 0..2 {
        let asked = keyed(by(shop, who, MAY, paid(&cart, "stripe", "pm_card_asks")), "one", "asked");
        assert_eq!(reason(check_out(shop, asked).await), "redirect_for_agents");
        assert_eq!(till.stripe.intent()["status"], "canceled");
        let placed = "select count(*) from orders where placed_at is not null";
        assert_eq!((shop.count(placed).await?, till.stripe.charges()), (0, 0));
    }
    let outcome = check_out(shop, by(shop, who, MAY, paid(&cart, "stripe", "pm_card_visa"))).await?;
    assert_eq!((&*outcome.status, till.stripe.charges()), ("completed", 1));
    Ok(())
}

/// CA-7, ID-30: staff in person do it, who may change carts and see people; nobody else.
#[tokio::test]
async fn who_may_do_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("ann@example.com"));
    let wanted = || paid(&cart, "manual", "");
    for lacking in [&[CartsWrite, CustomersRead][..], &[CustomersPii, CustomersRead], &[CartsRead, CustomersPii]] {
        let refused = check_out(&shop, by(&shop, agent(&shop), lacking, wanted())).await;
        assert_eq!(reason(refused), "permission_required", "{lacking:?}");
    }
    let perms: Permissions = MAY.iter().copied().collect();
    let key = Claims { perms, ..shop.rig.actors.claims(Kind::ApiKey, "akey_1") };
    let actors = &shop.rig.actors;
    for request in [actors.request(&key, wanted()), actors.anonymous(wanted())] {
        assert_eq!(reason(check_out(&shop, request).await), "wrong_caller");
    }
    let elsewhere = check_out(&shop, actors.elsewhere().staff(MAY, wanted())).await;
    assert_eq!(reason(elsewhere), "cart_not_found");
    assert_eq!(shop.count(ORDERS).await?, 0);
    Ok(())
}

/// CA-7, ID-9: it takes a customer whose doors are open, and something to buy.
#[tokio::test]
async fn it_takes_a_customer_and_a_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ann = shop.customer("ann@example.com");
    let open = async |cart: &Cart| {
        let request = by(&shop, agent(&shop), MAY, OpenCheckoutNowRequest { cart: cart.id.clone() });
        CheckoutNowServiceClient::new(shop.transport.clone()).open_checkout_now(request).await
    };
    let cart = cart(&shop, ann);
    let opened = open(&cart).await?.into_inner();
    assert!(opened.url.ends_with(&format!("/console/carts/{}/checkout-now", cart.id)), "{}", opened.url);
    assert_eq!(reason(open(&shop.cart()).await), "customer_needed");
    shop.carts.change(&cart.id, |cart| cart.lines.clear());
    assert_eq!(reason(open(&cart).await), "cart_empty");
    shop.carts.change(&cart.id, |cart| cart.status = "closed".to_owned());
    assert_eq!(reason(open(&cart).await), "cart_closed");
    Ok(())
}

/// CA-7, OR-1: the contact that staff entered is bought for, when it is the customer's; and an agent who is recorded stays.
#[tokio::test]
async fn what_was_entered_counts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("gus@example.com"));
    let first = Attribution { agent: "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d50".into(), ..Attribution::default() };
    shop.carts.change(&cart.id, |cart| {
        cart.contact = Some(guest());
        cart.attribution = Some(first.clone());
    });
    let outcome = check_out(&shop, by(&shop, agent(&shop), MAY, paid(&cart, "manual", ""))).await?;
    let order = seen(&shop, &outcome.order.expect("an order")).await?;
    assert_eq!((&*order.name, order.shipping_address.unwrap_or_default().city.as_str()), ("Gus Guest", "Hamburg"));
    assert_eq!(order.attribution, Some(first));
    Ok(())
}

/// CA-7, OR-1: however often and by how many it is sent, there is one order and one charge.
#[tokio::test]
async fn one_cart_one_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = cart(&shop, shop.customer("ann@example.com"));
    let mut all = JoinSet::new();
    let who = agent(&shop);
    for i in 0..6 {
        let request = by(&shop, who, MAY, paid(&cart, "test", "pm_test_ok"));
        let request = keyed(request, if i % 2 == 0 { "one" } else { "two" }, "asked");
        let mut now = CheckoutNowServiceClient::new(shop.transport.clone());
        all.spawn(async move { now.check_out_now(request).await });
    }
    all.join_all().await;
    assert_eq!((shop.count(ORDERS).await?, shop.count(CHARGES).await?), (1, 1));
    let again = keyed(by(&shop, who, MAY, paid(&cart, "test", "pm_test_ok")), "one", "asked");
    assert_eq!(check_out(&shop, again).await?.status, "completed");
    Ok(())
}
