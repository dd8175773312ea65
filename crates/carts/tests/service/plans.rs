//! Lines that are bought once and lines that are subscribed to (CA-4).
use kit::ids::{OrderId, PlanId};
use proto::{
    base::v1::Money,
    carts::v1::{AddLineRequest, Cart, SetLineRequest},
    catalog::v1::Plan,
};
use tonic::Status;

use crate::shop::{Shop, reason};

const NEVER: &str = "plan_01939b7e5d3c7a2c9d2f1e0b7c6a5d47";

/// A mug for 1000 once, or for 300 each month, and the id of that plan.
fn mug(shop: &Shop) -> (String, String) {
    let mug = shop.sell(1_000, "EUR");
    let id = String::from(PlanId::new(shop.rig.clock.now()));
    let plan = Plan {
        id: id.clone(),
        name: "Monthly".to_owned(),
        interval: "month".to_owned(),
        count: 1,
        price: Some(Money { amount: 300, currency: "EUR".to_owned() }),
        trial_days: 0,
        active: true,
    };
    shop.goods.change(&mug, |mug| mug.plans = vec![plan]);
    (mug, id)
}

async fn add(shop: &Shop, cart: &Cart, product: &str, plan: &str) -> Result<Cart, Status> {
    let (cart, product, plan) = (cart.id.clone(), product.to_owned(), plan.to_owned());
    let request = AddLineRequest { cart, product, quantity: 2, plan, ..AddLineRequest::default() };
    Ok(shop.client.clone().add_line(shop.rig.actors.anonymous(request)).await?.into_inner())
}

async fn set(shop: &Shop, cart: &Cart, line: &str, what: (Option<u32>, Option<&str>)) -> Result<Cart, Status> {
    let (cart, line, plan) = (cart.id.clone(), line.to_owned(), what.1.map(str::to_owned));
    let request = SetLineRequest { cart, line, quantity: what.0, plan, ..SetLineRequest::default() };
    Ok(shop.client.clone().set_line(shop.rig.actors.anonymous(request)).await?.into_inner())
}

/// Quantity, price and plan of each line.
fn lines(cart: &Cart) -> Vec<(u32, i64, String)> {
    let plan = |plan: &Plan| plan.id.clone();
    let line =
        |line: &proto::carts::v1::Line| (line.quantity, line.price, line.plan.as_ref().map(plan).unwrap_or_default());
    cart.lines.iter().map(line).collect()
}

/// CA-4: a line that gets another plan and another quantity at once joins the line of that plan with its own pieces.
#[tokio::test]
async fn a_line_joins_another_with_its_own_pieces() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, monthly) = mug(&shop);
    let cart = shop.cart().await?;
    let once = add(&shop, &cart, &mug, "").await?.lines[0].id.clone();
    add(&shop, &cart, &mug, &monthly).await?;
    let seen = set(&shop, &cart, &once, (Some(1), Some(&monthly))).await?;
    assert_eq!(lines(&seen), [(3, 300, monthly)]);
    Ok(())
}

/// CA-4: the same product once and by a plan is two lines, each at the catalog's price for it.
#[tokio::test]
async fn once_and_by_plan_are_two_lines() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, monthly) = mug(&shop);
    let cart = shop.cart().await?;
    add(&shop, &cart, &mug, "").await?;
    add(&shop, &cart, &mug, &monthly).await?;
    let full = add(&shop, &cart, &mug, &monthly).await?;
    assert_eq!(lines(&full), [(2, 1_000, String::new()), (4, 300, monthly.clone())]);
    assert_eq!((full.total, shop.get(&cart.id).await?), (3_200, full.clone()));
    assert_eq!(reason(add(&shop, &cart, &mug, NEVER).await), "plan_not_found");
    assert_eq!(reason(add(&shop, &cart, &mug, "monthly").await), "plan_not_found");
    shop.goods.change(&mug, |mug| mug.price = None);
    assert_eq!(reason(add(&shop, &cart, &mug, "").await), "plan_needed");
    let seen = shop.get(&cart.id).await?;
    assert_eq!(seen.lines.iter().map(|line| line.available).collect::<Vec<_>>(), [false, true]);
    Ok(())
}

/// CA-4: a line changes its plan; where there is a line for that already, that one takes the pieces.
#[tokio::test]
async fn a_line_changes_its_plan() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, monthly) = mug(&shop);
    let cart = shop.cart().await?;
    let once = add(&shop, &cart, &mug, "").await?;
    let line = once.lines[0].id.clone();
    let planned = set(&shop, &cart, &mug, (None, Some(&monthly))).await?;
    assert_eq!((lines(&planned), &planned.lines[0].id), (vec![(2, 300, monthly.clone())], &line));
    let more = set(&shop, &cart, &line, (Some(5), None)).await?;
    assert_eq!(lines(&more), [(5, 300, monthly.clone())]);
    add(&shop, &cart, &mug, "").await?;
    let one = set(&shop, &cart, &mug, (None, Some(&monthly))).await?;
    assert_eq!((lines(&one), &one.lines[0].id), (vec![(7, 300, monthly.clone())], &line));
    let back = set(&shop, &cart, &line, (Some(3), Some(""))).await?;
    assert_eq!(lines(&back), [(3, 1_000, String::new())]);
    assert_eq!(reason(set(&shop, &cart, &line, (None, Some(NEVER))).await), "plan_not_found");
    assert_eq!(lines(&shop.get(&cart.id).await?), [(3, 1_000, String::new())]);
    assert_eq!(lines(&set(&shop, &cart, &line, (Some(0), Some(&monthly))).await?), []);
    Ok(())
}

/// CA-2, CA-4: a plan that is not sold any more makes its line unavailable, and an order keeps the terms it was bought at.
#[tokio::test]
async fn a_closed_cart_keeps_its_plans() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, monthly) = mug(&shop);
    let cart = shop.cart().await?;
    add(&shop, &cart, &mug, "").await?;
    let full = add(&shop, &cart, &mug, &monthly).await?;
    shop.goods.change(&mug, |mug| mug.plans[0].price = Some(Money { amount: 400, currency: "EUR".to_owned() }));
    assert_eq!(lines(&shop.get(&cart.id).await?)[1].1, 400);
    shop.place(&full, OrderId::new(shop.rig.clock.now())).await?;
    shop.goods.change(&mug, |mug| mug.plans.clear());
    let staff = shop.rig.actors.staff(&[kit::permission::Permission::CartsRead], crate::shop::named(&cart.id));
    let closed = shop.client.clone().get_cart(staff).await?.into_inner();
    assert_eq!(lines(&closed), [(2, 1_000, String::new()), (2, 300, monthly.clone())]);
    let next = shop.cart().await?;
    assert_eq!(reason(add(&shop, &next, &mug, &monthly).await), "plan_not_found");
    Ok(())
}

/// CA-4: a product is added by its SKU, in the store that the cart buys from.
#[tokio::test]
async fn a_product_is_added_by_its_sku() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, _) = mug(&shop);
    let cart = shop.cart().await?;
    let by = |sku: &str| AddLineRequest { cart: cart.id.clone(), sku: sku.to_owned(), ..AddLineRequest::default() };
    let full = shop.client.clone().add_line(shop.rig.actors.anonymous(by("MUG"))).await?.into_inner();
    assert_eq!((&full.lines[0].product, full.lines[0].quantity), (&mug, 1));
    let none = shop.client.clone().add_line(shop.rig.actors.anonymous(by("JUG"))).await;
    assert_eq!(reason(none), "product_not_found");
    Ok(())
}

/// OR-7, CA-4: while a plan offers a trial its line costs nothing now, and says what it costs then; the mug beside it is paid.
#[tokio::test]
async fn a_trial_costs_nothing_now() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, monthly) = mug(&shop);
    shop.goods.change(&mug, |mug| mug.plans[0].trial_days = 14);
    let cart = shop.cart().await?;
    add(&shop, &cart, &mug, "").await?;
    let full = add(&shop, &cart, &mug, &monthly).await?;
    assert_eq!(lines(&full), [(2, 1_000, String::new()), (2, 0, monthly.clone())]);
    let plan = full.lines[1].plan.clone().expect("a plan");
    assert_eq!((plan.price.map(|price| price.amount), plan.trial_days), (Some(300), 14));
    assert_eq!((full.total, full.lines[1].available), (2_000, true));
    shop.goods.change(&mug, |mug| mug.plans[0].trial_days = 0);
    assert_eq!(shop.get(&cart.id).await?.total, 2_600);
    Ok(())
}
