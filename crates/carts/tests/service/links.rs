//! Carts opened by staff (CA-4), and links to check them out by (CA-6).
use chrono::TimeDelta;
use kit::{
    actor::Kind,
    ids::OrderId,
    permission::{
        Permission,
        Permission::{CartsRead, CartsWrite, CustomersPii},
    },
    transport::Transport,
};
use proto::carts::v1::{
    self as pb, AddLineRequest, Cart, CheckoutLink, CreateCheckoutLinkRequest, FollowCheckoutLinkRequest,
    ListCheckoutLinksRequest, OpenCartRequest, RevokeCheckoutLinkRequest,
    checkout_link_service_client::CheckoutLinkServiceClient,
};
use testing::actors::keyed;
use tonic::{Request, Status};

use crate::shop::{Shop, line, named, reason};

const EMAIL: &str = "ada@example.com";

fn links(shop: &Shop) -> anyhow::Result<CheckoutLinkServiceClient<Transport>> {
    Ok(CheckoutLinkServiceClient::new(shop.rig.env.peer("test", carts::NAME)?))
}

/// A cart that staff have opened for Ada, with a mug in it.
async fn settle(shop: &Shop, name: &str) -> anyhow::Result<Cart> {
    let (customer, mug) = (shop.people.know(EMAIL, name), shop.sell(1_000, "EUR"));
    let open = OpenCartRequest { customer, currency: "EUR".to_owned(), ..OpenCartRequest::default() };
    let cart = shop.client.clone().open_cart(shop.rig.actors.staff(&[CartsWrite], open)).await?.into_inner();
    let add: AddLineRequest = line(&cart.id, &mug, 2);
    Ok(shop.client.clone().add_line(shop.rig.actors.staff(&[CartsWrite], add)).await?.into_inner())
}

fn wanted(cart: &Cart) -> CreateCheckoutLinkRequest {
    CreateCheckoutLinkRequest { cart: cart.id.clone(), ..CreateCheckoutLinkRequest::default() }
}

async fn create(
    shop: &Shop,
    request: Request<CreateCheckoutLinkRequest>,
) -> anyhow::Result<Result<CheckoutLink, Status>> {
    Ok(links(shop)?.create_checkout_link(request).await.map(tonic::Response::into_inner))
}

/// Of those who make links that they can copy.
const COPY: &[Permission] = &[CartsWrite, CustomersPii];

async fn make(shop: &Shop, cart: &Cart) -> anyhow::Result<CheckoutLink> {
    Ok(create(shop, shop.rig.actors.staff(COPY, wanted(cart))).await??)
}

async fn follow(shop: &Shop, link: &CheckoutLink) -> anyhow::Result<Result<pb::FollowedCheckoutLink, Status>> {
    let token = link.url.rsplit('/').next().unwrap_or_default().to_owned();
    let request = shop.rig.actors.system("identity", FollowCheckoutLinkRequest { token });
    Ok(links(shop)?.follow_checkout_link(request).await.map(tonic::Response::into_inner))
}

async fn state(shop: &Shop, cart: &Cart) -> anyhow::Result<String> {
    let request = shop.rig.actors.staff(&[CartsRead], ListCheckoutLinksRequest { cart: cart.id.clone() });
    let links = links(shop)?.list_checkout_links(request).await?.into_inner().links;
    anyhow::ensure!(links.iter().all(|link| link.url.is_empty()), "an address is shown once");
    Ok(links.first().map(|link| link.state.clone()).unwrap_or_default())
}

/// CA-4: staff open a cart for a customer, who owns it; the prices are the catalog's.
#[tokio::test]
async fn staff_open_a_cart_for_a_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = settle(&shop, "Ada").await?;
    assert_eq!((cart.total, cart.lines.len()), (2_000, 1));
    assert_eq!(cart.customer, shop.people.ensured()[0].1);
    let mut client = shop.client.clone();
    let mut open =
        async |request: OpenCartRequest| reason(client.open_cart(shop.rig.actors.staff(&[CartsWrite], request)).await);
    let named = |customer: &str, currency: &str| OpenCartRequest {
        customer: customer.to_owned(),
        currency: currency.to_owned(),
        ..OpenCartRequest::default()
    };
    assert_eq!(open(named("cus_1", "")).await, "customer_not_found");
    assert_eq!(open(named("", "USD")).await, "other_currency");
    let front = OpenCartRequest { customer: cart.customer.clone(), ..OpenCartRequest::default() };
    let own = shop.client.clone().open_cart(shop.rig.actors.anonymous(front)).await?.into_inner();
    assert_eq!(own.customer, "", "a shop front names nobody");
    Ok(())
}

/// CA-6: a link leads to its cart until its last second, or until it is revoked; what is kept of it opens nothing.
#[tokio::test]
async fn a_link_leads_somewhere_for_a_while() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = settle(&shop, "Ada").await?;
    let link = make(&shop, &cart).await?;
    assert!(link.url.starts_with("http") && link.url.contains("/checkout/cartlink_"), "{}", link.url);
    let followed = follow(&shop, &link).await??;
    assert_eq!((&followed.cart, &followed.customer, &followed.store), (&cart.id, &cart.customer, &cart.store));
    let kept: String = sqlx::query_scalar("select l::text from checkout_links l").fetch_one(shop.db()?.pool()).await?;
    assert!(!kept.contains("cartlink_"), "{kept}");
    shop.rig.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    follow(&shop, &link).await??;
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(follow(&shop, &link).await?), "link_not_found");
    assert_eq!(state(&shop, &cart).await?, "expired");

    let second = make(&shop, &cart).await?;
    let revoke = || {
        let request = RevokeCheckoutLinkRequest { cart: cart.id.clone(), id: second.id.clone() };
        shop.rig.actors.staff(&[CartsWrite], request)
    };
    let mut client = links(&shop)?;
    assert_eq!(client.revoke_checkout_link(revoke()).await?.into_inner().state, "revoked");
    client.revoke_checkout_link(revoke()).await?;
    let told = shop.events().await?;
    assert_eq!(told.iter().filter(|event| *event == "CheckoutLinkRevoked").count(), 1, "{told:?}");
    assert_eq!(reason(follow(&shop, &second).await?), "link_not_found");
    Ok(())
}

/// CA-6: one order for each link: with the order of its cart it is used.
#[tokio::test]
async fn a_link_ends_with_its_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = settle(&shop, "Ada").await?;
    let link = make(&shop, &cart).await?;
    shop.place(&cart, OrderId::new(shop.rig.clock.now())).await?;
    assert_eq!(state(&shop, &cart).await?, "used");
    assert_eq!(reason(follow(&shop, &link).await?), "link_not_found");
    assert_eq!(reason(create(&shop, shop.rig.actors.staff(COPY, wanted(&cart))).await?), "cart_closed");
    Ok(())
}

/// CA-6: it is sent once, to the customer and nobody else, with the address sealed on its way.
#[tokio::test]
async fn a_link_is_sent_to_its_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = settle(&shop, "Ada").await?;
    let mut claims = shop.rig.actors.claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = COPY.iter().copied().collect();
    let send = || {
        let request = CreateCheckoutLinkRequest { send: true, ..wanted(&cart) };
        keyed(shop.rig.actors.request(&claims, request), "k1", "send")
    };
    let link = create(&shop, send()).await??;
    assert_eq!(create(&shop, send()).await??.id, link.id, "a repetition makes and sends none");
    let letters = shop.letters.all();
    assert_eq!((letters.len(), &*letters[0].to, &*letters[0].template), (1, EMAIL, "checkout_link"));
    assert_eq!((letters[0].secrets.get("link"), &letters[0].customer), (Some(&link.url), &cart.customer));
    assert_eq!(link.sent_by, "email");
    let text = CreateCheckoutLinkRequest { send: true, channel: "sms".to_owned(), ..wanted(&cart) };
    let text = create(&shop, shop.rig.actors.staff(&[CartsWrite], text)).await?;
    assert_eq!(reason(text), "unreachable", "nobody knows a number");
    assert_eq!(shop.letters.all().len(), 1);
    Ok(())
}

/// CA-6, ID-9, ID-30: no link for nobody, for nothing, for whoever is kept out, or by whoever may not.
#[tokio::test]
async fn not_every_cart_gets_a_link() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = &shop.rig.actors;
    let empty = shop.cart().await?;
    assert_eq!(reason(create(&shop, actors.staff(COPY, wanted(&empty))).await?), "cart_empty");
    let mug = shop.sell(1_000, "EUR");
    let nobodys = shop.add(&empty.id, &mug, 1).await?;
    assert_eq!(reason(create(&shop, actors.staff(COPY, wanted(&nobodys))).await?), "customer_needed");
    let cart = settle(&shop, "inactive").await?;
    assert_eq!(reason(create(&shop, actors.staff(COPY, wanted(&cart))).await?), "customer_inactive");
    for (request, why) in [
        (actors.staff(&[CartsRead, CustomersPii], wanted(&cart)), "permission_required"),
        (actors.staff(&[CartsWrite], wanted(&cart)), "permission_required"),
        (actors.anonymous(wanted(&cart)), "permission_required"),
        (actors.elsewhere().staff(COPY, wanted(&cart)), "cart_not_found"),
        (actors.staff(COPY, CreateCheckoutLinkRequest { expires_in: 299, ..wanted(&cart) }), "invalid"),
        (actors.staff(COPY, CreateCheckoutLinkRequest { channel: "fax".to_owned(), ..wanted(&cart) }), "invalid"),
    ] {
        assert_eq!(reason(create(&shop, request).await?), why);
    }
    let request = actors.staff(&[CartsWrite], FollowCheckoutLinkRequest { token: "cartlink_x".to_owned() });
    assert!(links(&shop)?.follow_checkout_link(request).await.is_err(), "only the house follows links");
    shop.client.clone().get_cart(actors.staff(&[CartsRead], named(&cart.id))).await?;
    Ok(())
}

/// CA-6, ID-23, ID-25: who opens a link is the customer, so that only those who may see who that is can copy one; others
/// have it sent.
#[tokio::test]
async fn whoever_may_not_see_a_customer_copies_no_link() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = settle(&shop, "Ada").await?;
    let sent = CreateCheckoutLinkRequest { send: true, ..wanted(&cart) };
    let link = create(&shop, shop.rig.actors.staff(&[CartsWrite], sent)).await??;
    assert_eq!((&*link.url, &*link.sent_by, shop.letters.all().len()), ("", "email", 1));
    Ok(())
}

/// CA-6, ID-30: a link signs in whom it was made for, and nobody at all once the cart is somebody else's.
#[tokio::test]
async fn a_link_is_of_one_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    let guest = shop.cart().await?;
    let contact = async |email: &str| {
        let contact = pb::Contact { email: email.to_owned(), ..pb::Contact::default() };
        let request = pb::SetContactRequest { cart: guest.id.clone(), contact: Some(contact) };
        shop.client.clone().set_contact(shop.rig.actors.anonymous(request)).await
    };
    shop.add(&guest.id, &mug, 1).await?;
    contact("mallory@example.com").await?;
    let cart = shop.get(&guest.id).await?;
    let link = make(&shop, &cart).await?;
    let mallory = shop.people.ensured()[0].1.clone();
    assert_eq!(follow(&shop, &link).await??.customer, mallory);
    contact("victim@example.com").await?;
    assert_eq!(reason(follow(&shop, &link).await?), "link_not_found");
    assert_eq!(state(&shop, &cart).await?, "void");
    contact("mallory@example.com").await?;
    assert_eq!(follow(&shop, &link).await??.customer, mallory);
    Ok(())
}
