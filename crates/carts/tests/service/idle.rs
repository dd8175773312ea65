//! What becomes of carts that nobody touches (CA-2), by a clock that the test moves.
use carts::idle::Sweeper;
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    ids::{CustomerId, OrderId},
    permission::Permission,
};
use proto::carts::v1::{Cart, OpenCartRequest, SetLineRequest};
use tokio::task::JoinSet;

use crate::shop::{Shop, line, named};

const TICK: TimeDelta = TimeDelta::microseconds(1);
const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(30);

fn sweeper(shop: &Shop) -> anyhow::Result<Sweeper> {
    carts::sweeper(&shop.rig.env, &shop.db()?)
}

async fn sweep(shop: &Shop) -> anyhow::Result<()> {
    Ok(sweeper(shop)?.round().await?)
}

/// Events of carts left alone, in order.
async fn told(shop: &Shop) -> anyhow::Result<Vec<String>> {
    let all = shop.events().await?;
    Ok(all.into_iter().filter(|name| ["CartAbandoned", "CartExpired"].contains(&name.as_str())).collect())
}

async fn seen(shop: &Shop, cart: &Cart) -> anyhow::Result<(String, Option<DateTime<Utc>>)> {
    let staff = shop.rig.actors.staff(&[Permission::CartsRead], named(&cart.id));
    let cart = shop.client.clone().get_cart(staff).await?.into_inner();
    Ok((cart.status, cart.abandoned_at.as_ref().and_then(kit::clock::datetime)))
}

/// CA-2: abandoned to the microsecond, told once, and again when it was changed and left again; expired to the
/// microsecond.
#[tokio::test]
async fn a_cart_that_is_left_alone_is_abandoned_and_then_expires() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart().await?;
    let cart = shop.add(&cart.id, &shop.sell(10, "EUR"), 1).await?;
    shop.rig.clock.advance(HALF_AN_HOUR - TICK);
    sweep(&shop).await?;
    assert_eq!((told(&shop).await?.len(), seen(&shop, &cart).await?), (0, ("open".to_owned(), None)));
    shop.rig.clock.advance(TICK);
    let left_at = shop.rig.clock.now();
    sweep(&shop).await?;
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartAbandoned"]);
    assert_eq!(seen(&shop, &cart).await?, ("open".to_owned(), Some(left_at)));
    assert_eq!(shop.get(&cart.id).await?.version, cart.version, "nothing of it changed");

    let (id, line) = (cart.id.clone(), cart.lines[0].id.clone());
    let more = SetLineRequest { cart: id, line, quantity: Some(2), ..SetLineRequest::default() };
    shop.client.clone().set_line(shop.rig.actors.anonymous(more)).await?;
    sweep(&shop).await?;
    assert_eq!(seen(&shop, &cart).await?, ("open".to_owned(), None));
    shop.rig.clock.advance(HALF_AN_HOUR);
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartAbandoned", "CartAbandoned"]);

    shop.rig.clock.advance(TimeDelta::days(7) - HALF_AN_HOUR - TICK);
    sweep(&shop).await?;
    assert_eq!(seen(&shop, &cart).await?.0, "open");
    shop.rig.clock.advance(TICK);
    assert_eq!(seen(&shop, &cart).await?, ("expired".to_owned(), None), "whether or not anybody has marked it");
    sweep(&shop).await?;
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartAbandoned", "CartAbandoned", "CartExpired"]);
    assert_eq!(seen(&shop, &cart).await?.0, "expired");
    Ok(())
}

/// CA-2: in an empty cart nothing was left, and one that became an order is left by nobody.
#[tokio::test]
async fn empty_and_closed_carts_are_not_abandoned() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (empty, bought) = (shop.cart().await?, shop.cart().await?);
    let bought = shop.add(&bought.id, &shop.sell(10, "EUR"), 1).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    let closed = seen(&shop, &bought).await?;
    shop.rig.clock.advance(TimeDelta::days(100));
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartExpired"]);
    assert_eq!((seen(&shop, &empty).await?.0.as_str(), seen(&shop, &bought).await?), ("expired", closed));
    Ok(())
}

/// CA-2: an empty cart that was looked at long before, and is filled then, is abandoned half an hour later.
#[tokio::test]
async fn a_cart_that_is_filled_late_is_abandoned_in_time() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart().await?;
    shop.rig.clock.advance(TimeDelta::days(1));
    sweep(&shop).await?;
    shop.add(&cart.id, &shop.sell(10, "EUR"), 1).await?;
    shop.rig.clock.advance(HALF_AN_HOUR);
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartAbandoned"]);
    Ok(())
}

/// CA-2: with an owner who can be written to, 90 days.
#[tokio::test]
async fn a_cart_with_an_owner_lasts_longer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let open = shop.rig.actors.customer(shop.customer(), OpenCartRequest::default());
    let cart = shop.client.clone().open_cart(open).await?.into_inner();
    shop.rig.clock.advance(TimeDelta::days(90) - TICK);
    sweep(&shop).await?;
    assert_eq!((seen(&shop, &cart).await?.0.as_str(), told(&shop).await?.len()), ("open", 0));
    shop.rig.clock.advance(TICK);
    sweep(&shop).await?;
    assert_eq!((seen(&shop, &cart).await?.0.as_str(), told(&shop).await?), ("expired", vec!["CartExpired".to_owned()]));
    Ok(())
}

/// CA-2: a key that an expired cart gives up tells that it expired, also before anybody has looked.
#[tokio::test]
async fn a_cart_that_gives_its_key_up_is_told_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.get("device 7").await?;
    shop.rig.clock.advance(TimeDelta::days(7));
    assert_ne!(shop.get("device 7").await?.id, cart.id);
    sweep(&shop).await?;
    assert_eq!(told(&shop).await?, ["CartExpired"]);
    Ok(())
}

/// CA-2, PL-2: many processes look at once, and each cart is told of once.
#[tokio::test]
async fn many_sweepers_tell_of_each_cart_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(10, "EUR");
    for _ in 0..30 {
        let cart = shop.cart().await?;
        shop.add(&cart.id, &mug, 1).await?;
    }
    shop.rig.clock.advance(HALF_AN_HOUR);
    let mut sweeping = JoinSet::new();
    for _ in 0..4 {
        let sweeper = sweeper(&shop)?;
        sweeping.spawn(async move { sweeper.round().await });
    }
    for done in sweeping.join_all().await {
        done?;
    }
    sweep(&shop).await?; // what one had locked, another passed by
    assert_eq!(told(&shop).await?.len(), 30);
    Ok(())
}

/// A cart of somebody with a mug in it.
async fn filled(shop: &Shop, customer: &str) -> anyhow::Result<Cart> {
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let customer: CustomerId = customer.parse()?;
    let cart = client.open_cart(actors.customer(customer, OpenCartRequest::default())).await?.into_inner();
    let add = line(&cart.id, &shop.sell(10, "EUR"), 1);
    Ok(client.add_line(actors.customer(customer, add)).await?.into_inner())
}

/// CA-2, CU-16: who agreed to marketing by mail is reminded once for a cart, with a link to it; nobody else is.
#[tokio::test]
async fn only_who_agreed_is_reminded_and_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.people.know("ada@example.com", "Ada"), shop.people.know("bob@example.com", "Bob"));
    let gone = shop.people.know("eve@example.com", "inactive");
    shop.people.agree(&ada);
    shop.people.agree(&gone);
    let cart = filled(&shop, &ada).await?;
    filled(&shop, &bob).await?;
    filled(&shop, &gone).await?;
    let nobodys = shop.cart().await?;
    shop.add(&nobodys.id, &shop.sell(10, "EUR"), 1).await?;
    for _ in 0..2 {
        shop.rig.clock.advance(HALF_AN_HOUR);
        sweep(&shop).await?;
        sweep(&shop).await?;
        let again = line(&cart.id, &cart.lines[0].product, 1);
        shop.client.clone().add_line(shop.rig.actors.customer(ada.parse()?, again)).await?;
    }
    assert_eq!(told(&shop).await?.len(), 5, "four were abandoned, and one of them again");
    let letters = shop.letters.all();
    assert_eq!(letters.len(), 1);
    let (letter, link) = (&letters[0], &letters[0].secrets["link"]);
    assert_eq!(
        (letter.template.as_str(), letter.to.as_str(), &letter.customer),
        ("cart_abandoned", "ada@example.com", &ada)
    );
    assert!(link.contains("/checkout/cartlink_"), "{link}");
    let kept: (String, i64) =
        sqlx::query_as("select created_by, count(*) over () from checkout_links").fetch_one(shop.db()?.pool()).await?;
    assert_eq!(kept, ("system carts".to_owned(), 1));
    Ok(())
}

/// CA-2: nothing is sent of a cart that was changed before the mail could go, nor a day later; what failed is sent with
/// the same link.
#[tokio::test]
async fn a_reminder_that_is_late_is_none() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.people.know("ada@example.com", "Ada");
    shop.people.agree(&ada);
    let cart = filled(&shop, &ada).await?;
    shop.rig.clock.advance(HALF_AN_HOUR);
    shop.letters.refuse(true);
    sweep(&shop).await?;
    shop.letters.refuse(false);
    sweep(&shop).await?;
    assert_eq!(shop.letters.all().len(), 1, "it is not tried again at once");
    shop.rig.clock.advance(TimeDelta::minutes(5));
    sweep(&shop).await?;
    let letters = shop.letters.all();
    assert_eq!((letters.len(), &letters[0].id, &letters[0].secrets), (2, &letters[1].id, &letters[1].secrets));

    let second = filled(&shop, &ada).await?;
    shop.rig.clock.advance(HALF_AN_HOUR);
    shop.letters.refuse(true);
    sweep(&shop).await?;
    shop.letters.refuse(false);
    let more = line(&second.id, &second.lines[0].product, 1);
    shop.client.clone().add_line(shop.rig.actors.customer(ada.parse()?, more)).await?;
    shop.rig.clock.advance(TimeDelta::minutes(5));
    sweep(&shop).await?;
    assert_eq!(shop.letters.all().len(), 3, "only the attempt that failed");

    let third = filled(&shop, &ada).await?;
    shop.rig.clock.advance(HALF_AN_HOUR + TimeDelta::hours(24));
    sweep(&shop).await?;
    assert_eq!(shop.letters.all().len(), 3, "too late: {} and {}", third.id, cart.id);
    Ok(())
}
