//! Carts of guests who sign in (CA-9).
use chrono::TimeDelta;
use kit::{
    ids::{CustomerId, OrderId},
    transport::Transport,
};
use proto::carts::v1::{
    AddCodeRequest, Cart, Contact, DeleteCartRequest, EmptyCartRequest, MergeGuestCartRequest, MergedGuestCart,
    OpenCartRequest, RemoveCodeRequest, RemoveLineRequest, SetContactRequest, SetLineRequest,
    guest_cart_service_client::GuestCartServiceClient,
};
use testing::actors::keyed;
use tokio::task::JoinSet;
use tonic::Status;

use crate::{
    deals::ten_percent,
    shop::{Shop, line, named, reason},
};

pub fn guests(shop: &Shop) -> anyhow::Result<GuestCartServiceClient<Transport>> {
    Ok(GuestCartServiceClient::new(shop.rig.env.peer("test", carts::NAME)?))
}

async fn merge(shop: &Shop, customer: CustomerId, cart: &str) -> anyhow::Result<Result<MergedGuestCart, Status>> {
    let wanted = shop.rig.actors.customer(customer, MergeGuestCartRequest { cart: cart.to_owned() });
    Ok(guests(shop)?.merge_guest_cart(wanted).await.map(tonic::Response::into_inner))
}

/// The products of a cart with their quantities.
fn contents(cart: &Cart) -> Vec<(&str, u32)> {
    cart.lines.iter().map(|line| (line.product.as_str(), line.quantity)).collect()
}

async fn own(shop: &Shop, customer: CustomerId, lines: &[(&str, u32)]) -> anyhow::Result<Cart> {
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let mut cart = client.open_cart(actors.customer(customer, OpenCartRequest::default())).await?.into_inner();
    for (product, quantity) in lines {
        let add = actors.customer(customer, line(&cart.id, product, *quantity));
        cart = client.add_line(add).await?.into_inner();
    }
    Ok(cart)
}

async fn guest(shop: &Shop, key: &str, lines: &[(&str, u32)]) -> anyhow::Result<Cart> {
    let mut cart = shop.get(key).await?;
    for (product, quantity) in lines {
        cart = shop.add(key, product, *quantity).await?;
    }
    Ok(cart)
}

/// CA-9: quantities of the same line take the larger, the rest is added, and the answer says so; again and again.
#[tokio::test]
async fn what_a_guest_put_in_goes_into_the_customers_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let [mug, pen, hat, cap] = [10, 20, 30, 40].map(|price| shop.sell(price, "EUR"));
    let ada = shop.customer();
    let theirs = own(&shop, ada, &[(&mug, 1), (&pen, 5), (&cap, 1)]).await?;
    let before = guest(&shop, "device 7", &[(&mug, 3), (&pen, 2), (&hat, 1)]).await?;
    let merged = merge(&shop, ada, "device 7").await??;
    let cart = merged.cart.clone().unwrap();
    assert_eq!((cart.id.as_str(), merged.merged, merged.left_out), (theirs.id.as_str(), true, 0));
    assert_eq!(contents(&cart), [(&*mug, 3), (&*pen, 5), (&*cap, 1), (&*hat, 1)]);
    let brought: Vec<_> = [0, 1, 3].map(|place: usize| cart.lines[place].id.clone()).to_vec();
    assert_eq!(merged.lines, brought);
    assert_eq!(cart.total, 3 * 10 + 5 * 20 + 40 + 30);
    assert_eq!(merge(&shop, ada, "device 7").await??, merged, "a retry finds it done");
    assert_eq!(merge(&shop, ada, &before.id).await??, merged, "by whatever name");

    let seen = client.get_cart(actors.system("orders", named(&before.id))).await?.into_inner();
    assert_eq!((seen.status.as_str(), &seen.merged_into), ("expired", &cart.id), "nothing more is bought with it");
    for name in [before.id.as_str(), "device 7"] {
        let found = client.get_cart(actors.customer(ada, named(name))).await?.into_inner();
        assert_eq!(found.id, cart.id, "their device goes on with the name it knows");
    }
    for name in [before.id.as_str(), "device 7"] {
        assert!(shop.get(name).await?.lines.is_empty(), "and somebody else starts anew");
    }
    assert_eq!(reason(merge(&shop, shop.customer(), &before.id).await?), "cart_not_found");
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|name| *name == "CartMerged").count(), 1);
    Ok(())
}

/// CA-9: without a cart of their own, the guest's becomes theirs; nothing is learnt of whom it had been taken for.
#[tokio::test]
async fn a_customer_without_a_cart_takes_the_guests() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada, mug) = (shop.customer(), shop.sell(10, "EUR"));
    let cart = guest(&shop, "device 7", &[(&mug, 2)]).await?;
    let contact = Some(Contact { email: "bob@example.com".to_owned(), ..Contact::default() });
    let contact = SetContactRequest { cart: cart.id.clone(), contact };
    client.set_contact(actors.anonymous(contact)).await?;
    let merged = merge(&shop, ada, "device 7").await??;
    let taken = merged.cart.clone().unwrap();
    assert_eq!((&taken.id, &taken.customer, merged.merged), (&cart.id, &String::from(ada), false));
    assert_eq!((merged.lines.len(), &taken.contact), (1, &None));
    assert_eq!(merge(&shop, ada, &cart.id).await??, merged);
    assert_eq!(reason(merge(&shop, shop.customer(), &cart.id).await?), "other_customer");
    Ok(())
}

/// CA-9: an empty cart brings nothing, an expired or closed one is over, an unknown one is none; of another store and
/// realm, too.
#[tokio::test]
async fn what_is_over_or_empty_brings_nothing() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.customer(), shop.sell(10, "EUR"));
    let theirs = own(&shop, ada, &[(&mug, 1)]).await?;
    let empty = guest(&shop, "empty", &[]).await?;
    let merged = merge(&shop, ada, &empty.id).await??;
    assert_eq!((merged.cart.unwrap().id, merged.merged, merged.lines.len()), (theirs.id.clone(), false, 0));
    let bought = guest(&shop, "bought", &[(&mug, 1)]).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    assert_eq!(reason(merge(&shop, ada, &bought.id).await?), "cart_closed");
    let old = guest(&shop, "old", &[(&mug, 1)]).await?;
    shop.rig.clock.advance(TimeDelta::days(7));
    assert_eq!(reason(merge(&shop, ada, &old.id).await?), "cart_expired");
    assert_eq!(reason(merge(&shop, ada, "never heard of").await?), "cart_not_found");
    let fresh = guest(&shop, "fresh", &[(&mug, 1)]).await?;
    let wanted = MergeGuestCartRequest { cart: fresh.id.clone() };
    let elsewhere = shop.rig.actors.elsewhere();
    assert_eq!(
        reason(guests(&shop)?.merge_guest_cart(elsewhere.customer(ada, wanted.clone())).await),
        "cart_not_found"
    );
    assert_eq!(reason(guests(&shop)?.merge_guest_cart(shop.rig.actors.anonymous(wanted)).await), "unauthenticated");
    Ok(())
}

/// CA-9: a cart holds a hundred lines; what finds no room is said. Codes come along as far as there is room.
#[tokio::test]
async fn a_full_cart_leaves_lines_out() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer();
    let products: Vec<String> = (0..102).map(|_| shop.sell(1, "EUR")).collect();
    let lines: Vec<(&str, u32)> = products.iter().map(|product| (product.as_str(), 1)).collect();
    own(&shop, ada, &lines[..99]).await?;
    guest(&shop, "device 7", &[]).await?;
    for product in &lines[98..] {
        shop.add("device 7", product.0, 2).await?;
    }
    let merged = merge(&shop, ada, "device 7").await??;
    let cart = merged.cart.unwrap();
    assert_eq!((cart.lines.len(), merged.left_out, merged.lines.len()), (100, 2, 2));
    assert_eq!(cart.total, 98 + 2 + 2);
    Ok(())
}

/// CA-9, CA-5
#[tokio::test]
async fn codes_come_along() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada, mug) = (shop.customer(), shop.sell(1_000, "EUR"));
    own(&shop, ada, &[(&mug, 1)]).await?;
    guest(&shop, "device 7", &[(&mug, 1)]).await?;
    shop.deals.add(ten_percent("SPRING"));
    let enter = AddCodeRequest { cart: "device 7".to_owned(), code: "spring".to_owned() };
    client.add_code(actors.anonymous(enter)).await?;
    let cart = merge(&shop, ada, "device 7").await??.cart.unwrap();
    assert_eq!((cart.codes[0].code.as_str(), cart.discount, cart.total), ("SPRING", 100, 900));
    Ok(())
}

/// CA-9: several sign-ins of a customer at once lose nothing and make one cart of all.
#[tokio::test]
async fn sign_ins_at_once_make_one_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer();
    let products = [10, 20, 30, 40].map(|price| shop.sell(price, "EUR"));
    for (key, product) in products.iter().enumerate() {
        guest(&shop, &format!("device {key}"), &[(product, 1)]).await?;
    }
    let mut merging = JoinSet::new();
    for key in [0, 1, 2, 3, 0, 1] {
        let mut client = guests(&shop)?;
        let wanted = shop.rig.actors.customer(ada, MergeGuestCartRequest { cart: format!("device {key}") });
        merging.spawn(async move { client.merge_guest_cart(wanted).await });
    }
    let mut ids = Vec::new();
    for merged in merging.join_all().await {
        ids.push(merged?.into_inner().cart.unwrap().id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let cart = shop.client.clone().get_cart(shop.rig.actors.customer(ada, named(&ids[0]))).await?.into_inner();
    assert_eq!((cart.lines.len(), cart.total), (4, 100));
    Ok(())
}

/// CA-9, ID-30: whoever knows what the cart of a signed-in customer is called fills it at most; nobody but them and staff
/// takes anything out.
#[tokio::test]
async fn a_claimed_cart_is_its_customers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada, bob, mug) = (shop.customer(), shop.customer(), shop.sell(10, "EUR"));
    let cart = own(&shop, ada, &[(&mug, 1)]).await?;
    let (id, item) = (cart.id.clone(), cart.lines[0].id.clone());
    for caller in [None, Some(bob)] {
        macro_rules! refused {
            ($($method:ident $request:expr),* $(,)?) => {$({
                let request = $request;
                let request = match caller {
                    Some(customer) => actors.customer(customer, request),
                    None => actors.anonymous(request),
                };
                assert_eq!(reason(client.$method(request).await), "other_customer", stringify!($method));
            })*};
        }
        refused! {
            set_line SetLineRequest { cart: id.clone(), line: item.clone(), quantity: Some(2), ..Default::default() },
            remove_line RemoveLineRequest { cart: id.clone(), line: item.clone() },
            empty_cart EmptyCartRequest { cart: id.clone() },
            delete_cart DeleteCartRequest { cart: id.clone() },
            remove_code RemoveCodeRequest { cart: id.clone(), code: String::new() },
        }
    }
    let filled = client.add_line(actors.anonymous(line(&id, &mug, 1))).await?.into_inner();
    assert_eq!((contents(&filled), filled.customer.as_str()), (vec![(&*mug, 2)], ""));
    let empty = keyed(actors.customer(ada, EmptyCartRequest { cart: id.clone() }), "k", "f");
    assert!(client.empty_cart(empty).await?.into_inner().lines.is_empty());
    Ok(())
}
