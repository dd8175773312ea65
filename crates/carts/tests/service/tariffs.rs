//! Shipping and tax of carts (CA-11).
use proto::{
    base::v1::Address,
    carts::v1::{
        Cart, Contact, Destination, Destinations, GetCartRequest, ListCartShippingMethodsRequest,
        MergeGuestCartRequest, OpenCartRequest, SetContactRequest, SetShippingMethodRequest,
        guest_cart_service_client::GuestCartServiceClient,
    },
    orders::v1::Delivery,
};
use testing::Rig;
use tonic::Status;

use crate::shop::{Shop, line, reason};

/// A shop in Germany.
async fn shop() -> anyhow::Result<Shop> {
    in_currency("EUR").await
}

async fn in_currency(currency: &str) -> anyhow::Result<Shop> {
    let store = |rig: &mut Rig| {
        let (currency, country) = (currency.to_owned(), "DE".to_owned());
        vec![proto::identity::v1::Store { currency, country, ..rig.store() }]
    };
    Shop::settled(store).await
}

async fn ship(shop: &Shop, cart: &str, method: &str) -> Result<Cart, Status> {
    let request = SetShippingMethodRequest { cart: cart.to_owned(), method: method.to_owned() };
    Ok(shop.client.clone().set_shipping_method(shop.rig.actors.anonymous(request)).await?.into_inner())
}

async fn ways(shop: &Shop, cart: &str) -> Result<Vec<(String, i64)>, Status> {
    let request = ListCartShippingMethodsRequest { cart: cart.to_owned() };
    let ways = shop.client.clone().list_cart_shipping_methods(shop.rig.actors.anonymous(request)).await?.into_inner();
    Ok(ways.methods.into_iter().map(|way| (way.method, way.price)).collect())
}

/// Says where the cart goes and where it is billed.
async fn go(shop: &Shop, cart: &str, (shipping, billing): (&str, &str)) -> Result<Cart, Status> {
    let address = |country: &str| {
        (!country.is_empty()).then(|| Address {
            line1: "Lindenstr. 5".to_owned(),
            city: "Town".to_owned(),
            country: country.to_owned(),
            ..Address::default()
        })
    };
    let contact = Contact {
        email: "ada@example.com".to_owned(),
        shipping: address(shipping),
        billing: address(billing),
        ..Contact::default()
    };
    let request = SetContactRequest { cart: cart.to_owned(), contact: Some(contact) };
    Ok(shop.client.clone().set_contact(shop.rig.actors.anonymous(request)).await?.into_inner())
}

fn adds_up(cart: &Cart) {
    assert_eq!(cart.total, cart.subtotal - cart.discount + cart.shipping + cart.tax);
    let shipped = cart.shipping_method.clone().unwrap_or_default();
    assert_eq!(cart.tax, cart.lines.iter().map(|line| line.tax).sum::<i64>() + shipped.tax);
    assert_eq!(cart.included_tax, cart.lines.iter().map(|line| line.included_tax).sum::<i64>() + shipped.included_tax);
    assert_eq!(cart.shipping, shipped.price);
}

/// CA-11: goods are taxed where they go, digital products where the buyer is, each by its class; shipping by the rate of
/// most things; where there is no address, all of it at the store's.
#[tokio::test]
async fn taxes_are_those_of_the_place() -> anyhow::Result<()> {
    let shop = shop().await?;
    let (mug, song) = (shop.sell(10_000, "EUR"), shop.sell(1_000, "EUR"));
    shop.goods.change(&song, |song| (song.kind, song.tax_class) = ("digital".to_owned(), "reduced".to_owned()));
    for (at, rate, included) in [
        (("DE", "standard"), 1_900, true),
        (("DE", "reduced"), 700, true),
        (("AT", "standard"), 2_000, true),
        (("US", "reduced"), 500, false),
        (("US", "standard"), 1_000, false),
    ] {
        shop.tolls.tax(at, rate, included);
    }
    let post = shop.tolls.ship((490, "EUR"), None, &[]);
    let id = shop.cart().await?.id;
    shop.add(&id, &mug, 1).await?;
    let cart = shop.add(&id, &song, 1).await?;
    assert_eq!((cart.included_tax, cart.tax, cart.total), (1_597 + 65, 0, 11_000), "at the store's");
    assert_eq!(cart.shipping_state, "needed");
    let cart = ship(&shop, &id, &post).await?;
    assert_eq!((cart.shipping, cart.total, &*cart.shipping_state), (490, 11_490, "chosen"));
    assert_eq!(cart.included_tax, 1_597 + 65 + 78);
    let rates: Vec<_> = cart.lines.iter().map(|line| (line.tax_rate, line.tax_included)).collect();
    assert_eq!(rates, [(1_900, true), (700, true)]);
    let cart = go(&shop, &id, ("AT", "US")).await?;
    assert_eq!(
        (cart.included_tax, cart.tax, cart.total),
        (1_667 + 82, 50, 11_540),
        "goods to Austria, the song to the US"
    );
    adds_up(&cart);
    let cart = go(&shop, &id, ("US", "")).await?;
    assert_eq!((cart.included_tax, cart.tax, cart.total), (0, 1_000 + 50 + 49, 11_490 + 1_099));
    adds_up(&cart);
    let cart = go(&shop, &id, ("FR", "")).await?;
    assert_eq!((cart.included_tax, cart.tax, cart.total), (0, 0, 11_490), "no rate, no tax");
    Ok(())
}

/// CA-11: what is offered is what goes there, at its price; digital goods need nothing, nor do stores without ways to ship.
#[tokio::test]
async fn ways_to_ship_are_offered() -> anyhow::Result<()> {
    let shop = shop().await?;
    let mug = shop.sell(2_000, "EUR");
    let id = shop.cart().await?.id;
    assert_eq!(ways(&shop, &id).await?, []);
    assert_eq!(shop.add(&id, &mug, 1).await?.shipping_state, "not_needed", "a store without ways to ship");
    let near = shop.tolls.ship((490, "EUR"), Some(5_000), &["DE", "AT"]);
    let far = shop.tolls.ship((1_990, "EUR"), None, &[]);
    assert_eq!(shop.get(&id).await?.shipping_state, "needed");
    assert_eq!(ways(&shop, &id).await?, [(near.clone(), 490), (far.clone(), 1_990)]);
    assert_eq!(reason(ship(&shop, &id, "shpm_0192f0c4a8b07c3e9d1a2b3c4d5e6f70").await), "shipping_method_not_found");
    assert_eq!(reason(ship(&shop, &id, "post").await), "shipping_method_not_found");
    assert_eq!(ship(&shop, &id, &near).await?.total, 2_490);
    let free = shop.add(&id, &mug, 2).await?;
    assert_eq!((free.shipping, free.total), (0, 6_000), "free from 50 on");
    assert_eq!(ways(&shop, &id).await?, [(near.clone(), 0), (far.clone(), 1_990)]);
    go(&shop, &id, ("FR", "")).await?;
    let away = shop.get(&id).await?;
    assert_eq!((&*away.shipping_state, away.total), ("elsewhere", 6_000), "it does not go there any more");
    assert_eq!(ways(&shop, &id).await?, [(far.clone(), 1_990)]);
    assert_eq!(reason(ship(&shop, &id, &near).await), "shipping_method_elsewhere");
    assert_eq!(ship(&shop, &id, &far).await?.total, 7_990);
    shop.tolls.withdraw(&far);
    assert_eq!(shop.get(&id).await?.shipping_state, "withdrawn");
    assert_eq!(ship(&shop, &id, "").await?.shipping_state, "needed");
    shop.goods.change(&mug, |mug| mug.kind = "digital".to_owned());
    let digital = shop.get(&id).await?;
    assert_eq!((&*digital.shipping_state, digital.shipping_method), ("not_needed", None));
    Ok(())
}

/// CA-11: what changes shows at the next read, and a tariff that does not change is asked for once.
#[tokio::test]
async fn a_tariff_is_known_by_its_version() -> anyhow::Result<()> {
    let shop = shop().await?;
    let mug = shop.sell(1_000, "EUR");
    let id = shop.cart().await?.id;
    shop.add(&id, &mug, 1).await?;
    assert_eq!(shop.tolls.asked(), 0, "whoever never had one is not asked about it");
    let post = shop.tolls.ship((490, "EUR"), None, &[]);
    shop.tolls.tax(("DE", "standard"), 1_000, false);
    assert_eq!(ship(&shop, &id, &post).await?.total, 1_490 + 149);
    for _ in 0..5 {
        shop.get(&id).await?;
    }
    assert_eq!(shop.tolls.asked(), 1);
    shop.tolls.tax(("DE", "standard"), 2_000, false);
    shop.tolls.reprice(&post, 500);
    assert_eq!(shop.get(&id).await?.total, 1_500 + 300);
    assert_eq!(shop.tolls.asked(), 2);
    Ok(())
}

/// CA-11: currencies have no, two or three decimals, and rates are nothing to all of a price.
#[tokio::test]
async fn taxes_are_whole_minor_units() -> anyhow::Result<()> {
    for currency in ["JPY", "EUR", "KWD"] {
        let shop = in_currency(currency).await?;
        let tea = shop.sell(333, currency);
        let post = shop.tolls.ship((101, currency), None, &[]);
        let id = shop.cart().await?.id;
        shop.add(&id, &tea, 3).await?;
        ship(&shop, &id, &post).await?;
        for (rate, included, tax, inside) in [
            (0, false, 0, 0),
            (10_000, false, 999 + 101, 0),
            (10_000, true, 0, 500 + 51),
            (700, true, 0, 65 + 7),
            (1, false, 0, 0),
        ] {
            shop.tolls.tax(("DE", "standard"), rate, included);
            let cart = shop.get(&id).await?;
            assert_eq!((cart.tax, cart.included_tax), (tax, inside), "{currency} {rate} {included}");
            adds_up(&cart);
        }
    }
    Ok(())
}

/// CA-11, OR-1: the house asks what a cart costs elsewhere; nobody else does.
#[tokio::test]
async fn services_price_a_cart_for_another_place() -> anyhow::Result<()> {
    let shop = shop().await?;
    shop.tolls.tax(("DE", "standard"), 1_900, false);
    let mug = shop.sell(1_000, "EUR");
    let id = shop.cart().await?.id;
    assert_eq!(shop.add(&id, &mug, 1).await?.total, 1_190);
    let there = || {
        let to = Destination { country: "FR".to_owned(), region: String::new() };
        GetCartRequest { id: id.clone(), destinations: Some(Destinations { shipping: Some(to), billing: None }) }
    };
    let cart = shop.client.clone().get_cart(shop.rig.actors.system("orders", there())).await?.into_inner();
    assert_eq!((cart.total, cart.contact), (1_000, None));
    let refused = shop.client.clone().get_cart(shop.rig.actors.anonymous(there())).await.expect_err("for services");
    assert_eq!(kit::failure::Told::read(&refused).code.http(), 403);
    Ok(())
}

/// CA-2, CA-11: a closed cart shows what shipping and tax came to when it was bought, whatever became of the tariff.
#[tokio::test]
async fn a_closed_cart_keeps_its_taxes() -> anyhow::Result<()> {
    let shop = shop().await?;
    shop.tolls.tax(("DE", "standard"), 1_900, false);
    let (mug, post) = (shop.sell(1_000, "EUR"), shop.tolls.ship((490, "EUR"), None, &[]));
    let id = shop.cart().await?.id;
    shop.add(&id, &mug, 1).await?;
    let bought = ship(&shop, &id, &post).await?;
    let shipped = bought.shipping_method.clone().unwrap_or_default();
    let delivery = Delivery {
        method: shipped.method,
        name: shipped.name,
        price: shipped.price,
        tax: shipped.tax,
        included_tax: 0,
        tax_rate: shipped.tax_rate,
    };
    let order = kit::ids::OrderId::new(shop.rig.clock.now());
    shop.place_shipped(&bought, order, delivery).await?;
    shop.tolls.tax(("DE", "standard"), 0, false);
    shop.tolls.withdraw(&post);
    let request = GetCartRequest { id, destinations: None };
    let kept = shop.client.clone().get_cart(shop.rig.actors.system("orders", request)).await?.into_inner();
    assert_eq!((kept.total, kept.tax, kept.shipping, &*kept.status), (1_773, 283, 490, "closed"));
    adds_up(&kept);
    Ok(())
}

/// CA-9, CA-11: how a guest wanted it shipped goes along into the customer's cart.
#[tokio::test]
async fn a_guests_way_to_ship_comes_along() -> anyhow::Result<()> {
    let shop = shop().await?;
    let (mug, post) = (shop.sell(1_000, "EUR"), shop.tolls.ship((490, "EUR"), None, &[]));
    let customer = shop.customer();
    let own = shop.rig.actors.customer(customer, OpenCartRequest::default());
    let own = shop.client.clone().open_cart(own).await?.into_inner().id;
    shop.client.clone().add_line(shop.rig.actors.customer(customer, line(&own, &mug, 1))).await?;
    let guest = shop.cart().await?.id;
    shop.add(&guest, &mug, 2).await?;
    ship(&shop, &guest, &post).await?;
    let mut guests = GuestCartServiceClient::new(shop.rig.env.peer("test", carts::NAME)?);
    let merge = shop.rig.actors.customer(customer, MergeGuestCartRequest { cart: guest });
    let merged = guests.merge_guest_cart(merge).await?.into_inner().cart.unwrap_or_default();
    assert_eq!((merged.id, merged.total, &*merged.shipping_state), (own, 2_490, "chosen"));
    Ok(())
}
