//! Beginning a checkout.
use kit::{actor::Kind, ids::CustomerId};
use proto::{carts::v1::Contact, customers::v1::Customer, orders::v1::BeginCheckoutRequest};
use testing::actors::keyed;

use crate::shop::{Shop, faults, guest, reason, wish};

/// OR-1: a checkout shows what will be charged, by which gateway.
#[tokio::test]
async fn a_checkout_shows_its_price() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let checkout = shop.begin(&cart.id).await?;
    let amount = checkout.amount.expect("an amount");
    assert_eq!((amount.amount, &*amount.currency), (4498, "EUR"));
    assert_eq!((checkout.gateway, checkout.cart), ("test".to_owned(), cart.id));
    assert!(checkout.abilities.contains(&"redirect".to_owned()));
    assert!(checkout.token.len() > 40);
    assert_eq!(shop.status(&checkout.token).await?.status, "open");
    // Only the token's hash is stored.
    let stored = sqlx::query_scalar::<_, Vec<u8>>("select token_hash from checkouts").fetch_one(shop.db.pool()).await?;
    assert_eq!(stored, kit::secret::sha256(checkout.token.as_bytes()));
    Ok(())
}

/// OR-1: what cannot be bought is not checked out, and says why.
#[tokio::test]
async fn only_a_cart_that_can_be_bought_is_checked_out() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| cart.lines[0].available = false);
    assert_eq!(reason(shop.begin(&cart.id).await), "product_unavailable");
    shop.carts.change(&cart.id, |cart| cart.lines.clear());
    assert_eq!(reason(shop.begin(&cart.id).await), "cart_empty");
    shop.carts.change(&cart.id, |cart| cart.status = "closed".to_owned());
    assert_eq!(reason(shop.begin(&cart.id).await), "cart_closed");
    Ok(())
}

/// PL-4: a cart of another customer base, or of another store of it, is not there.
#[tokio::test]
async fn a_foreign_cart_is_not_there() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let foreign = shop.rig.actors.elsewhere();
    let cart = shop.cart();
    assert_eq!(reason(shop.begin_by(foreign.anonymous(wish(&cart.id, "test"))).await), "cart_not_found");
    shop.carts.change(&cart.id, |cart| cart.store = foreign.store.into());
    assert_eq!(reason(shop.begin(&cart.id).await), "cart_not_found");
    Ok(())
}

/// A request names every fault of it at once.
#[tokio::test]
async fn every_fault_is_named() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let begin = |request: BeginCheckoutRequest| shop.begin_by(shop.rig.actors.anonymous(request));
    let contact = Contact { email: "nobody".to_owned(), ..Contact::default() };
    let request = BeginCheckoutRequest {
        cart: String::new(),
        contact: Some(contact),
        gateway: "gold".to_owned(),
        customer: "me".to_owned(),
    };
    let expected = ["/cart required", "/gateway unknown", "/customer malformed", "/contact/email malformed"];
    assert_eq!(faults(begin(request).await), expected);
    let request = BeginCheckoutRequest { contact: None, ..wish(&shop.cart().id, "test") };
    assert_eq!(reason(begin(request).await), "contact_missing");
    Ok(())
}

/// ID-30: a checkout is a shop front's, and a customer's own only.
#[tokio::test]
async fn nobody_checks_out_for_somebody_else() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (own, other) = (shop.customer("own@example.com"), shop.customer("other@example.com"));
    let cart = shop.cart();
    let wish_for = |customer: CustomerId| BeginCheckoutRequest { customer: customer.into(), ..wish(&cart.id, "test") };
    let actors = &shop.rig.actors;
    assert_eq!(reason(shop.begin_by(actors.customer(own, wish_for(other))).await), "customer_not_found");
    assert_eq!(reason(shop.begin_by(actors.anonymous(wish_for(other))).await), "customer_not_found");
    assert!(shop.begin_by(actors.customer(own, wish_for(own))).await.is_ok());
    assert_eq!(reason(shop.begin_by(actors.staff(&[], wish(&cart.id, "test"))).await), "wrong_caller");
    let shopper = actors.claims(Kind::Shopper, "someone");
    assert_eq!(reason(shop.begin_by(actors.request(&shopper, wish(&cart.id, "test"))).await), "wrong_caller");
    assert_eq!(reason(shop.begin_by(actors.system("console", wish(&cart.id, "test"))).await), "wrong_caller");
    Ok(())
}

/// OR-1: who is signed in need not type anything.
#[tokio::test]
async fn saved_details_are_filled_in() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let request = BeginCheckoutRequest { contact: None, ..wish(&shop.cart().id, "manual") };
    let checkout = shop.begin_by(shop.rig.actors.customer(own, request)).await?;
    let order = shop.capture(&checkout.token, "").await?.order.expect("an order");
    assert_eq!(order.customer, String::from(own));
    assert_eq!((&*order.email, &*order.name), ("own@example.com", "Cleo Customer"));
    assert_eq!(order.shipping_address.expect("an address").line1, "Main street 1");
    Ok(())
}

/// A signed-in customer's order stays theirs when they enter another e-mail for it.
#[tokio::test]
async fn another_email_does_not_give_the_order_away() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let own = shop.customer("own@example.com");
    let checkout = shop.begin_by(shop.rig.actors.customer(own, wish(&shop.cart().id, "manual"))).await?;
    let order = shop.capture(&checkout.token, "").await?.order.expect("an order");
    assert_eq!((order.customer, order.email), (String::from(own), guest().email));
    Ok(())
}

/// ID-23: a cart's contact is used for the order, but who guessed the cart's key, or read the id by it, does not get
/// to see it; who holds an id that nobody could guess opened the cart, and does.
#[tokio::test]
async fn a_guessed_key_shows_no_contact() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let lead = CustomerId::new(shop.rig.clock.now());
    let email = "lea@example.com".to_owned();
    shop.people.know(Customer { id: lead.into(), email, registration: "guest".to_owned(), ..Customer::default() });
    let lead = String::from(lead);
    for (key, by_key, customer, seen) in [
        ("session-1", true, "", "G***@example.com"),
        ("session-2", false, "", "G***@example.com"),
        ("session-3", false, &lead, "G***@example.com"),
        ("", false, &lead, "Gus@example.com"),
        ("", false, "", "Gus@example.com"),
    ] {
        let cart = shop.cart();
        shop.carts.change(&cart.id, |cart| {
            (cart.client_key, cart.customer) = (key.to_owned(), customer.to_owned());
            cart.contact = Some(guest());
        });
        let request = BeginCheckoutRequest { contact: None, ..wish(if by_key { key } else { &cart.id }, "manual") };
        let checkout = shop.begin_by(shop.rig.actors.anonymous(request)).await?;
        let order = shop.capture(&checkout.token, "").await?.order.expect("an order");
        assert_eq!(order.email, seen, "{key} {by_key} {customer}");
        let stored: String = sqlx::query_scalar("select contact ->> 'email' from orders where cart_id = $1")
            .bind(cart.id.parse::<kit::ids::CartId>()?)
            .fetch_one(shop.db.pool())
            .await?;
        assert_eq!(stored, "Gus@example.com");
    }
    Ok(())
}

/// ID-30: nobody buys in the name of a customer with an account but that customer.
#[tokio::test]
async fn a_registered_customers_cart_needs_a_contact_of_the_buyers_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (own, other) = (shop.customer("own@example.com"), shop.customer("other@example.com"));
    let actors = &shop.rig.actors;
    let gone = CustomerId::new(shop.rig.clock.now());
    let bare = |cart: &str| BeginCheckoutRequest { contact: None, ..wish(cart, "manual") };
    for owner in [own, gone] {
        let cart = shop.cart();
        shop.carts.change(&cart.id, |cart| {
            (cart.client_key, cart.customer) = ("session-1".to_owned(), owner.into());
            cart.contact = Some(guest());
        });
        for name in [&*cart.id, "session-1"] {
            let refused = shop.begin_by(actors.anonymous(bare(name))).await;
            assert_eq!(reason(refused), "contact_missing", "{name}");
        }
        shop.carts.change(&cart.id, |cart| cart.client_key = String::new()); // the next cart's
    }
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| (cart.customer, cart.contact) = (own.into(), Some(guest())));
    let theirs = shop.begin_by(actors.customer(other, bare(&cart.id))).await?;
    assert_eq!(shop.capture(&theirs.token, "").await?.order.expect("an order").email, "other@example.com");
    let cart = shop.cart();
    shop.carts.change(&cart.id, |cart| (cart.customer, cart.contact) = (own.into(), Some(guest())));
    let given = shop.begin(&cart.id).await?;
    assert_eq!(shop.capture(&given.token, "pm_test_ok").await?.order.expect("an order").email, "Gus@example.com");
    Ok(())
}

/// OR-2: what no record could keep is refused when the checkout begins, not when it is paid.
#[tokio::test]
async fn a_contact_that_cannot_be_kept_is_refused_at_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let begin = async |change: &dyn Fn(&mut Contact)| {
        let mut request = wish(&shop.cart().id, "manual");
        change(request.contact.as_mut().expect("a guest"));
        faults(shop.begin_by(shop.rig.actors.anonymous(request)).await)
    };
    assert_eq!(begin(&|contact| contact.name = "A\0".to_owned()).await, ["/contact/name malformed"]);
    assert_eq!(begin(&|contact| contact.phone = "1\u{7}2".to_owned()).await, ["/contact/phone malformed"]);
    assert_eq!(begin(&|contact| contact.email = "a\0@example.com".to_owned()).await, ["/contact/email malformed"]);
    let code = |text: &str| {
        let text = text.to_owned();
        move |contact: &mut Contact| {
            contact.shipping.as_mut().expect("an address").postal_code.clone_from(&text);
        }
    };
    assert_eq!(begin(&code(&"1".repeat(21))).await, ["/contact/shipping/postal_code too_long"]);
    assert_eq!(begin(&code("1\t2")).await, ["/contact/shipping/postal_code malformed"]);
    Ok(())
}

/// PL-3: the same key gives the same token, though the cart is closed by now; another request under it is refused.
#[tokio::test]
async fn a_repeated_begin_answers_the_same_token() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let cart = shop.cart();
    let begin =
        |print: &'static str| shop.begin_by(keyed(shop.rig.actors.anonymous(wish(&cart.id, "test")), "key-1", print));
    let first = begin("a").await?;
    shop.carts.change(&cart.id, |cart| cart.status = "closed".to_owned());
    assert_eq!(begin("a").await?, first);
    assert_eq!(reason(begin("b").await), "idempotency_mismatch");
    assert_eq!(shop.count("select count(*) from checkouts").await?, 1);
    Ok(())
}

/// PL-3: a request that was answered can be repeated at once, also while others repeat it: it is never still at work.
#[tokio::test(flavor = "multi_thread")]
async fn keyed_begins_in_a_row_do_not_get_in_each_others_way() -> anyhow::Result<()> {
    let shop = std::sync::Arc::new(Shop::open().await?);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..8 {
        let (shop, cart) = (shop.clone(), shop.cart().id);
        callers.spawn(async move {
            for round in 0..6 {
                let key = format!("key-{caller}-{round}");
                let begin = || shop.begin_by(keyed(shop.rig.actors.anonymous(wish(&cart, "test")), &key, "a"));
                let first = begin().await?;
                assert_eq!(begin().await?, first);
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    assert_eq!(shop.count("select count(*) from checkouts").await?, 48);
    Ok(())
}
