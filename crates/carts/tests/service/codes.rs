//! What is taken off carts: offers by themselves, vouchers by code (CA-5).
use chrono::TimeDelta;
use kit::{clock::timestamp, ids::OrderId};
use proto::{
    carts::v1::{AddCodeRequest, Cart, RemoveCodeRequest},
    catalog::v1::PromotionTerms,
    orders::v1::AppliedDiscount,
};
use testing::actors::{if_match, keyed};
use tonic::Status;

use crate::{
    deals::{euros, ten_percent},
    shop::{Shop, reason},
};

async fn enter(shop: &Shop, cart: &str, code: &str) -> Result<Cart, Status> {
    let request = AddCodeRequest { cart: cart.to_owned(), code: code.to_owned() };
    Ok(shop.client.clone().add_code(shop.rig.actors.anonymous(request)).await?.into_inner())
}

async fn withdraw(shop: &Shop, cart: &str, code: &str) -> Result<Cart, Status> {
    let request = RemoveCodeRequest { cart: cart.to_owned(), code: code.to_owned() };
    Ok(shop.client.clone().remove_code(shop.rig.actors.anonymous(request)).await?.into_inner())
}

/// Names and amounts of what is taken off.
fn taken(cart: &Cart) -> Vec<(&str, i64)> {
    cart.discounts.iter().map(|discount| (discount.name.as_str(), discount.amount)).collect()
}

fn states(cart: &Cart) -> Vec<(&str, &str)> {
    cart.codes.iter().map(|entered| (entered.code.as_str(), entered.idle.as_str())).collect()
}

/// CA-5, CA-11: the cart shows each discount and why; its lines show their shares, and everything adds up.
#[tokio::test]
async fn a_cart_shows_what_is_taken_off() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, cup) = (shop.sell(1_000, "EUR"), shop.sell(333, "EUR"));
    let three = PromotionTerms { products: vec![mug.clone()], min_quantity: 3, ..ten_percent("") };
    shop.deals.add(PromotionTerms { name: "Three mugs".into(), ..three });
    shop.deals.add(PromotionTerms { percent: 0, amount: Some(euros(500)), ..ten_percent("SPRING") });
    let cart = shop.cart().await?;
    let cart = shop.add(&cart.id, &mug, 2).await?;
    assert_eq!((cart.discounts.len(), cart.total), (0, 2_000));
    shop.add(&cart.id, &mug, 1).await?;
    shop.add(&cart.id, &cup, 1).await?;
    let cart = enter(&shop, &cart.id, " spring ").await?;
    assert_eq!(taken(&cart), [("Three mugs", 300), ("Ten off", 500)]);
    assert_eq!((cart.subtotal, cart.discount, cart.total), (3_333, 800, 2_533));
    assert_eq!(cart.lines.iter().map(|line| line.discount).sum::<i64>(), 800);
    assert_eq!((cart.lines[0].discount, states(&cart)), (745, vec![("SPRING", "")]));
    assert_eq!(shop.get(&cart.id).await?, cart, "reading changes nothing");
    Ok(())
}

/// CA-5: a code is there once, and goes again by name or with all others.
#[tokio::test]
async fn codes_come_and_go() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    for number in 0..6 {
        shop.deals.add(ten_percent(&format!("CODE-{number}")));
    }
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 1).await?;
    for number in [0, 1, 2, 3, 4, 0] {
        enter(&shop, &cart.id, &format!("code-{number}")).await?;
    }
    assert_eq!(reason(enter(&shop, &cart.id, "CODE-5").await), "too_many_codes");
    assert_eq!(reason(withdraw(&shop, &cart.id, "CODE-5").await), "code_unknown");
    assert_eq!(withdraw(&shop, &cart.id, "CODE-0").await?.codes.len(), 4);
    let cart = withdraw(&shop, &cart.id, "").await?;
    assert_eq!((cart.codes.len(), cart.discount, cart.total), (0, 0, 1_000));
    Ok(())
}

/// CA-5: what no voucher is known by is refused, what does not count yet says why, at the edge of its time.
#[tokio::test]
async fn a_code_says_why_it_takes_nothing_off() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, now) = (shop.sell(1_000, "EUR"), shop.rig.clock.now());
    let hour = Some(timestamp(now + TimeDelta::hours(1)));
    shop.deals.add(PromotionTerms { minimum: Some(euros(2_000)), ..ten_percent("LARGE") });
    shop.deals.add(PromotionTerms { starts_at: hour, ..ten_percent("LATER") });
    shop.deals.add(PromotionTerms { ends_at: hour, ..ten_percent("TODAY") });
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 1).await?;
    for unknown in ["", "?", "NOBODY", "%%%"] {
        assert_eq!(reason(enter(&shop, &cart.id, unknown).await), "code_unknown", "{unknown}");
    }
    for code in ["LARGE", "LATER", "TODAY"] {
        enter(&shop, &cart.id, code).await?;
    }
    let told = [("LARGE", "minimum_not_reached"), ("LATER", "not_yet_valid"), ("TODAY", "")];
    assert_eq!(states(&shop.get(&cart.id).await?), told);
    shop.rig.clock.advance(TimeDelta::hours(1));
    let cart = shop.add(&cart.id, &mug, 1).await?;
    assert_eq!(states(&cart), [("LARGE", ""), ("LATER", ""), ("TODAY", "expired")]);
    assert_eq!(reason(enter(&shop, &cart.id, "TODAY").await), "code_expired");
    shop.deals.clear();
    let cart = shop.add(&cart.id, &mug, 1).await?;
    assert_eq!((states(&cart)[0], cart.total), (("LARGE", "unknown"), 3_000), "a voucher that was deleted");
    Ok(())
}

/// CA-2, CA-5: a closed cart stays as it was bought, whatever becomes of the offers.
#[tokio::test]
async fn a_closed_cart_keeps_what_was_taken_off() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(999, "EUR");
    let promotion = shop.deals.add(ten_percent("SPRING"));
    let cart = shop.cart().await?;
    shop.add(&cart.id, &mug, 3).await?;
    let cart = enter(&shop, &cart.id, "SPRING").await?;
    let discount = AppliedDiscount { promotion, name: "Ten off".into(), code: "SPRING".into(), amount: 300 };
    shop.place_with(&cart, OrderId::new(shop.rig.clock.now()), vec![discount]).await?;
    shop.deals.clear();
    let request = proto::carts::v1::GetCartRequest { id: cart.id.clone(), destinations: None };
    let closed = shop.client.clone().get_cart(tonic::Request::new(request)).await?.into_inner();
    assert_eq!((closed.status.as_str(), taken(&closed)), ("closed", vec![("Ten off", 300)]));
    assert_eq!((closed.subtotal, closed.total, closed.lines[0].discount), (2_997, 2_697, 300));
    assert_eq!(states(&closed), [("SPRING", "")]);
    Ok(())
}

/// PL-3: entering a code honours the version, and is done once under its key.
#[tokio::test]
async fn entering_is_repeatable_and_versioned() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    shop.deals.add(ten_percent("SPRING"));
    let cart = shop.cart().await?;
    let cart = shop.add(&cart.id, &mug, 1).await?;
    let request = || AddCodeRequest { cart: cart.id.clone(), code: "SPRING".to_owned() };
    let mut client = shop.client.clone();
    let stale = if_match(shop.rig.actors.anonymous(request()), cart.version - 1);
    assert_eq!(reason(client.add_code(stale).await), "stale_version");
    let first = client.add_code(keyed(shop.rig.actors.anonymous(request()), "k", "p")).await?.into_inner();
    let again = client.add_code(keyed(shop.rig.actors.anonymous(request()), "k", "p")).await?.into_inner();
    assert_eq!((&first, first.version), (&again, cart.version + 1));
    Ok(())
}
