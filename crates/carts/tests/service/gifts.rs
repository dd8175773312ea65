//! Lines for somebody else (OR-1).
use kit::{
    ids::{CustomerId, OrderId},
    permission::Permission,
};
use proto::carts::v1::{AddLineRequest, Cart, Gift, SetContactRequest, SetLineRequest};
use tonic::Status;

use crate::{
    guests::guests,
    shop::{Shop, named, reason},
};

/// An album for 1000.
fn album(shop: &Shop) -> String {
    let album = shop.sell(1_000, "EUR");
    shop.goods.change(&album, |album| "digital".clone_into(&mut album.kind));
    album
}

fn to(email: &str) -> Gift {
    Gift { email: email.to_owned(), name: "Bob Secret".to_owned(), message: "Enjoy.\nAnn".to_owned() }
}

async fn give(shop: &Shop, cart: &Cart, product: &str, gift: Gift) -> Result<Cart, Status> {
    let (cart, product) = (cart.id.clone(), product.to_owned());
    let request = AddLineRequest { cart, product, gift: Some(gift), ..AddLineRequest::default() };
    Ok(shop.client.clone().add_line(shop.rig.actors.anonymous(request)).await?.into_inner())
}

/// What the house itself reads.
async fn read(shop: &Shop, cart: &Cart) -> Result<Cart, Status> {
    Ok(shop.client.clone().get_cart(shop.rig.actors.system("orders", named(&cart.id))).await?.into_inner())
}

fn recipients(cart: &Cart) -> Vec<(u32, &str)> {
    cart.lines.iter().map(|line| (line.quantity, line.gift.as_ref().map_or("", |gift| gift.email.as_str()))).collect()
}

/// OR-1, CA-4: one product for oneself and for several people is a line each, priced by the catalog; staff and services know
/// for whom, others see enough to tell them apart (ID-23).
#[tokio::test]
async fn each_person_has_a_line_of_their_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (album, cart) = (album(&shop), shop.cart().await?);
    shop.add(&cart.id, &album, 2).await?;
    give(&shop, &cart, &album, to("bob@example.com")).await?;
    give(&shop, &cart, &album, to("carl@example.com")).await?;
    let seen = give(&shop, &cart, &album, Gift { message: "Again".to_owned(), ..to("BOB@example.com") }).await?;
    assert_eq!((seen.lines.len(), seen.total), (3, 4_000));
    let masked = seen.lines[1].gift.clone().unwrap_or_default();
    assert_eq!((&*masked.email, &*masked.name, &*masked.message), ("B***@example.com", "B***", "***"));
    let known = read(&shop, &cart).await?;
    assert_eq!(recipients(&known), [(2, ""), (1, "BOB@example.com"), (1, "carl@example.com")]);
    assert_eq!(known.lines[1].gift.clone().unwrap_or_default().message, "Again");
    let actors = &shop.rig.actors;
    let staff = async |permissions: &[Permission]| {
        Ok::<_, Status>(shop.client.clone().get_cart(actors.staff(permissions, named(&cart.id))).await?.into_inner())
    };
    let clear = staff(&[Permission::CartsRead, Permission::CustomersPii]).await?;
    assert_eq!(recipients(&clear), recipients(&known));
    let masked = staff(&[Permission::CartsRead]).await?;
    assert!(!format!("{masked:?}").contains("carl@"), "{masked:?}");
    Ok(())
}

/// OR-1, ID-30: nobody has something given to themselves in the cart of somebody who was signed in, who would pay for it; and
/// whoever finds a cart by a name that may be guessed sees that something is a gift, and nothing of whom it is for.
#[tokio::test]
async fn strangers_give_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client, album) = (&shop.rig.actors, shop.client.clone(), album(&shop));
    let cart = client.get_cart(actors.customer(shop.customer(), named("device 7"))).await?.into_inner();
    shop.add(&cart.id, &album, 1).await?;
    assert_eq!(reason(give(&shop, &cart, &album, to("mallory@example.com")).await), "other_customer");
    assert_eq!(recipients(&read(&shop, &cart).await?), [(1, "")]);
    let open = shop.get("device 8").await?;
    give(&shop, &open, &album, to("bob@example.com")).await?;
    let seen = shop.get("device 8").await?;
    assert_eq!(seen.lines[0].gift, Some(Gift::default()));
    assert_eq!(recipients(&read(&shop, &open).await?), [(1, "bob@example.com")]);
    Ok(())
}

/// OR-1: a line becomes a gift and none again, and takes what is there for the same person; what cannot be given is refused.
#[tokio::test]
async fn a_line_is_given_and_taken_back() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (album, mug, cart) = (album(&shop), shop.sell(500, "EUR"), shop.cart().await?);
    let added = shop.add(&cart.id, &album, 1).await?;
    let line = added.lines[0].id.clone();
    let set = async |line: &str, request: SetLineRequest| {
        let request = SetLineRequest { cart: cart.id.clone(), line: line.to_owned(), ..request };
        Ok::<_, Status>(shop.client.clone().set_line(shop.rig.actors.anonymous(request)).await?.into_inner())
    };
    let for_bob = || SetLineRequest { gift: Some(to("bob@example.com")), ..SetLineRequest::default() };
    set(&line, for_bob()).await?;
    assert_eq!(recipients(&read(&shop, &cart).await?), [(1, "bob@example.com")]);
    let two = SetLineRequest { quantity: Some(2), ..SetLineRequest::default() };
    assert_eq!(reason(set(&line, two.clone()).await), "gift_single");
    shop.add(&cart.id, &album, 2).await?;
    assert_eq!(recipients(&read(&shop, &cart).await?), [(1, "bob@example.com"), (2, "")]);
    assert_eq!(reason(set(&read(&shop, &cart).await?.lines[1].id, for_bob()).await), "gift_single");
    set(&line, SetLineRequest { no_gift: true, ..SetLineRequest::default() }).await?;
    assert_eq!(recipients(&read(&shop, &cart).await?), [(3, "")]);
    set(&album, SetLineRequest { quantity: Some(1), ..for_bob() }).await?;
    assert_eq!(recipients(&read(&shop, &cart).await?), [(1, "bob@example.com")]);
    let kept = |quantity| SetLineRequest { no_gift: true, quantity: Some(quantity), ..SetLineRequest::default() };
    set(&read(&shop, &cart).await?.lines[0].id, kept(2)).await?;
    assert_eq!(recipients(&read(&shop, &cart).await?), [(2, "")]);
    for (pieces, together) in [(2, 4), (0, 4)] {
        let given = give(&shop, &cart, &album, to("bob@example.com")).await?;
        let gift = given.lines.iter().find(|line| line.gift.is_some()).map(|line| line.id.clone()).unwrap_or_default();
        set(&gift, kept(pieces)).await?;
        assert_eq!(recipients(&read(&shop, &cart).await?), [(together, "")], "{pieces} pieces of a gift");
    }
    assert_eq!(reason(give(&shop, &cart, &mug, to("bob@example.com")).await), "gift_not_digital");
    assert_eq!(reason(give(&shop, &cart, &album, to("nobody")).await), "invalid");
    Ok(())
}

/// CA-2, OR-1: a closed cart keeps what each line cost, also where several are about the same product.
#[tokio::test]
async fn lines_of_one_product_keep_their_own_prices() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (album, cart) = (album(&shop), shop.cart().await?);
    give(&shop, &cart, &album, to("bob@example.com")).await?;
    let mut bought = give(&shop, &cart, &album, to("carl@example.com")).await?;
    (bought.lines[0].discount, bought.lines[1].discount) = (34, 33);
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    let closed = read(&shop, &cart).await?;
    let discounts: Vec<_> = closed.lines.iter().map(|line| line.discount).collect();
    assert_eq!((closed.status.as_str(), discounts), ("closed", vec![34, 33]));
    Ok(())
}

/// CU-15: nothing of whom something was for is left once they, or whoever wanted to give it, are erased.
#[tokio::test]
async fn an_erasure_takes_gifts_along() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let album = album(&shop);
    let (open, closed) = (shop.cart().await?, shop.cart().await?);
    shop.add(&open.id, &album, 1).await?;
    give(&shop, &open, &album, to("Bob@example.com")).await?;
    let bought = give(&shop, &closed, &album, to("bob@example.com")).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    let db = shop.db()?;
    let person =
        holdings::Person::unknown(shop.rig.actors.realm, CustomerId::new(shop.rig.clock.now()), shop.rig.clock.now());
    let person = person.called(&["Bob@Example.com".to_owned()], &[], &[]);
    for _ in 0..2 {
        let mut tx = db.begin_own().await?;
        holdings::erase(&mut tx, carts::holdings::TABLES, &person).await?;
        tx.commit().await?;
    }
    let (open, closed) = (read(&shop, &open).await?, read(&shop, &closed).await?);
    assert_eq!((recipients(&open), recipients(&closed)), (vec![(1, "")], vec![(1, "")]));
    assert!(closed.lines[0].gift.is_some(), "that it was a gift is known");
    let left: Vec<String> =
        sqlx::query_scalar("select gift::text from cart_lines where gift is not null").fetch_all(db.pool()).await?;
    assert_eq!(left, ["{}"]);
    Ok(())
}

/// CA-9: at login gifts come along, unless the cart was somebody else's by then.
#[tokio::test]
async fn gifts_come_along_at_login() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (album, ada) = (album(&shop), shop.customer());
    let merge = async |cart: &Cart| {
        let wanted = proto::carts::v1::MergeGuestCartRequest { cart: cart.id.clone() };
        let mut guests = guests(&shop)?;
        Ok::<_, anyhow::Error>(guests.merge_guest_cart(shop.rig.actors.customer(ada, wanted)).await?.into_inner())
    };
    let first = shop.cart().await?;
    give(&shop, &first, &album, to("bob@example.com")).await?;
    let own = merge(&first).await?.cart.unwrap_or_default();
    assert_eq!(recipients(&own), [(1, "bob@example.com")]);
    let second = shop.cart().await?;
    give(&shop, &second, &album, to("BOB@example.com")).await?;
    give(&shop, &second, &album, to("carl@example.com")).await?;
    let merged = merge(&second).await?;
    assert_eq!(recipients(&merged.cart.clone().unwrap_or_default()), [(1, "bob@example.com"), (1, "carl@example.com")]);
    assert_eq!((merged.lines.len(), merged.left_out), (2, 0));
    let third = shop.cart().await?;
    give(&shop, &third, &album, to("dora@example.com")).await?;
    let contact = proto::carts::v1::Contact { email: "eve@example.com".to_owned(), ..Default::default() };
    let contact = SetContactRequest { cart: third.id.clone(), contact: Some(contact) };
    shop.client.clone().set_contact(shop.rig.actors.anonymous(contact)).await?;
    let merged = merge(&third).await?;
    assert_eq!((merged.cart.unwrap_or_default().lines.len(), merged.left_out), (2, 1));
    Ok(())
}
