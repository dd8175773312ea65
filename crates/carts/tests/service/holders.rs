//! Who is told to have an open cart with something in it (CU-4).
use crate::shop::{Shop, line};
use carts::idle::Sweeper;
use chrono::TimeDelta;
use kit::ids::{CustomerId, OrderId};
use proto::{
    base::v1::{CheckClaimsRequest, Claim, ListFactsRequest},
    carts::v1::{
        Cart, CartHolderChanged, DeleteCartRequest, EmptyCartRequest, MergeGuestCartRequest, OpenCartRequest,
        guest_cart_service_client::GuestCartServiceClient, reconciliation_service_client::ReconciliationServiceClient,
    },
};

/// What was told: whose, whether they have it, and the cart's version then.
async fn told(shop: &Shop) -> anyhow::Result<Vec<(String, bool, i64)>> {
    let told = sqlx::query_scalar("select payload from outbox where subject like '%.CartHolderChanged' order by id");
    let told: Vec<Vec<u8>> = told.fetch_all(shop.db()?.pool()).await?;
    let told: Vec<_> = told.into_iter().map(Into::into).collect();
    let events: Vec<CartHolderChanged> = kit::reconcile::events(&told)?;
    Ok(events.into_iter().map(|event| (event.customer, event.held, event.version)).collect())
}

async fn own(shop: &Shop, customer: CustomerId) -> anyhow::Result<Cart> {
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    Ok(client.open_cart(actors.customer(customer, OpenCartRequest::default())).await?.into_inner())
}

async fn add(shop: &Shop, customer: CustomerId, cart: &str, product: &str) -> anyhow::Result<Cart> {
    let add = shop.rig.actors.customer(customer, line(cart, product, 1));
    Ok(shop.client.clone().add_line(add).await?.into_inner())
}

/// CU-4: told once when the first line makes it worth counting, once when it is emptied, deleted or bought.
#[tokio::test]
async fn somebody_has_a_cart_while_something_is_in_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug, pen) = (shop.customer(), shop.sell(10, "EUR"), shop.sell(20, "EUR"));
    let cart = own(&shop, ada).await?;
    assert_eq!(told(&shop).await?, [], "nothing is in it");
    let one = add(&shop, ada, &cart.id, &mug).await?;
    add(&shop, ada, &cart.id, &pen).await?;
    let id = ada.to_string();
    assert_eq!(told(&shop).await?, [(id.clone(), true, one.version)]);
    let empty = shop.rig.actors.customer(ada, EmptyCartRequest { cart: cart.id.clone() });
    let empty = shop.client.clone().empty_cart(empty).await?.into_inner();
    let again = add(&shop, ada, &cart.id, &pen).await?;
    shop.place(&again, OrderId::new(shop.rig.clock.now())).await?;
    let other = own(&shop, ada).await?;
    let other = add(&shop, ada, &other.id, &pen).await?;
    let delete = shop.rig.actors.customer(ada, DeleteCartRequest { cart: other.id.clone() });
    shop.client.clone().delete_cart(delete).await?;
    let expected = [
        (true, one.version),
        (false, empty.version),
        (true, again.version),
        (false, again.version + 1),
        (true, other.version),
        (false, other.version + 1),
    ];
    assert_eq!(told(&shop).await?, expected.map(|(held, version)| (id.clone(), held, version)));
    Ok(())
}

/// CU-4, CA-9: nobody has a guest's cart, which is bought without a word; one that is handed over, or taken into another, is told.
#[tokio::test]
async fn a_guests_cart_is_nobodys() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.customer(), shop.sell(10, "EUR"));
    let bought = shop.cart().await?;
    let bought = shop.add(&bought.id, &mug, 1).await?;
    shop.place(&bought, OrderId::new(shop.rig.clock.now())).await?;
    assert_eq!(told(&shop).await?, []);
    let client = || -> anyhow::Result<_> { Ok(GuestCartServiceClient::new(shop.rig.env.peer("test", carts::NAME)?)) };
    for round in 0..2 {
        let guest = shop.cart().await?;
        shop.add(&guest.id, &mug, 2).await?;
        let merge = shop.rig.actors.customer(ada, MergeGuestCartRequest { cart: guest.id.clone() });
        client()?.merge_guest_cart(merge).await?;
        let told = told(&shop).await?;
        assert_eq!(told.len(), 1, "handed over, and then had already: round {round}");
        assert_eq!((&told[0].0, told[0].1), (&ada.to_string(), true));
    }
    Ok(())
}

/// CU-4, CA-2: nobody has a cart that has expired.
#[tokio::test]
async fn an_expired_cart_is_nobodys() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.customer(), shop.sell(10, "EUR"));
    let cart = own(&shop, ada).await?;
    let cart = add(&shop, ada, &cart.id, &mug).await?;
    shop.rig.clock.advance(TimeDelta::days(90));
    let sweeper: Sweeper = carts::sweeper(&shop.rig.env, &shop.db()?)?;
    sweeper.round().await?;
    sweeper.round().await?;
    let id = ada.to_string();
    assert_eq!(told(&shop).await?, [(id.clone(), true, cart.version), (id, false, cart.version + 1)]);
    Ok(())
}

/// PL-2: facts and claims say what the events said: carts that somebody has, and no other.
#[tokio::test]
async fn facts_are_what_events_told() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.customer(), shop.sell(10, "EUR"));
    let (cart, empty, guest) = (own(&shop, ada).await?, own(&shop, ada).await?, shop.cart().await?);
    let cart = add(&shop, ada, &cart.id, &mug).await?;
    shop.add(&guest.id, &mug, 1).await?;
    let mut client = ReconciliationServiceClient::new(shop.rig.env.peer("test", carts::NAME)?);
    let event = "patron.carts.v1.CartHolderChanged".to_owned();
    let until = Some(kit::clock::timestamp(shop.rig.clock.now()));
    let wanted = ListFactsRequest { event: event.clone(), until, ..ListFactsRequest::default() };
    let facts = client.list_facts(wanted).await?.into_inner().facts;
    let facts: Vec<CartHolderChanged> = kit::reconcile::events(&facts)?;
    assert_eq!(facts.len(), 1);
    let fact = facts[0].clone();
    assert_eq!((fact.cart, fact.customer, fact.held, fact.version), (cart.id.clone(), ada.into(), true, cart.version));
    let claim = |cart: &Cart| Claim { realm: cart.realm.clone(), id: cart.id.clone(), ..Claim::default() };
    let claims = vec![claim(&cart), claim(&empty), claim(&guest)];
    let unfounded = client.check_claims(CheckClaimsRequest { event, claims }).await?.into_inner().unfounded;
    assert_eq!(unfounded, [1, 2]);
    Ok(())
}
