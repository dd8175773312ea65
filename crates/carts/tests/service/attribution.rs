//! Who and what brought carts about (CA-8), and lists by it (CA-3).
use chrono::TimeDelta;
use kit::{
    actor::Kind,
    assertion::{Act, Claims},
    ids::{CustomerId, StaffId},
    permission::{
        Permission,
        Permission::{CartsRead, CartsWrite, CustomersPii},
        Permissions,
    },
};
use proto::{
    base::v1::{Attribution, Condition, Filter, filter::Node},
    carts::v1::{
        Cart, CreateCheckoutLinkRequest, ListCartsRequest, MergeGuestCartRequest, OpenCartRequest,
        SetAttributionRequest, checkout_link_service_client::CheckoutLinkServiceClient,
        guest_cart_service_client::GuestCartServiceClient,
    },
    identity::v1::Colleague,
};
use sqlx::Row as _;
use tonic::{Request, Status};

use crate::shop::{Shop, line, named, reason};

/// A request by `who` of the staff.
fn by<T>(shop: &Shop, who: StaffId, permissions: &[Permission], message: T) -> Request<T> {
    let perms: Permissions = permissions.iter().copied().collect();
    shop.rig.actors.request(&Claims { perms, ..shop.rig.actors.claims(Kind::Staff, who) }, message)
}

fn from(affiliate: &str, funnel: &str) -> Attribution {
    Attribution { affiliate: affiliate.to_owned(), funnel: funnel.to_owned(), ..Attribution::default() }
}

fn said(cart: &str, attribution: Attribution, merge: bool) -> SetAttributionRequest {
    SetAttributionRequest { cart: cart.to_owned(), attribution: Some(attribution), merge }
}

async fn set(shop: &Shop, request: Request<SetAttributionRequest>) -> Result<Cart, Status> {
    Ok(shop.client.clone().set_attribution(request).await?.into_inner())
}

/// What staff with personal data see of it.
async fn known(shop: &Shop, cart: &str) -> anyhow::Result<Attribution> {
    let request = shop.rig.actors.staff(&[CartsRead, CustomersPii], named(cart));
    Ok(shop.client.clone().get_cart(request).await?.into_inner().attribution.unwrap_or_default())
}

async fn open(shop: &Shop, attribution: Attribution) -> anyhow::Result<Cart> {
    let wanted = OpenCartRequest { attribution: Some(attribution), ..OpenCartRequest::default() };
    Ok(shop.client.clone().open_cart(shop.rig.actors.anonymous(wanted)).await?.into_inner())
}

/// CA-8: a shop front says what brought a cart about when it opens it and later, but for the agent, and sees none of it;
/// the newest replaces, unless merging is asked.
#[tokio::test]
async fn shop_fronts_say_what_brought_a_cart_about() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let agent: String = StaffId::new(shop.rig.clock.now()).into();
    let cart = open(&shop, Attribution { agent: agent.clone(), ..from("ann", "") }).await?;
    assert_eq!(cart.attribution, None);
    assert_eq!(known(&shop, &cart.id).await?, from("ann", ""));
    let anonymous = |request| set(&shop, shop.rig.actors.anonymous(request));
    let merged = anonymous(said(&cart.id, Attribution { agent, ..from("", "spring") }, true)).await?;
    assert_eq!((merged.attribution, merged.version), (None, cart.version + 1));
    assert_eq!(known(&shop, &cart.id).await?, from("ann", "spring"));
    anonymous(said(&cart.id, from("bob", ""), false)).await?;
    assert_eq!(known(&shop, &cart.id).await?, from("bob", ""));
    let long = anonymous(said(&cart.id, from(&"a".repeat(201), ""), false)).await;
    assert_eq!(reason(long), "invalid");
    let ada = shop.rig.actors.customer(shop.customer(), said(&cart.id, from("cleo", ""), false));
    assert_eq!(set(&shop, ada).await?.attribution, None);
    assert_eq!(reason(anonymous(said(&cart.id, from("dan", ""), false)).await), "other_customer");
    Ok(())
}

/// CA-8: whoever of the staff works on a cart first is its agent and stays it; nobody else is named over them, an
/// integration is nobody, and one who acts in a customer's name is.
#[tokio::test]
async fn the_first_of_the_staff_stays_the_agent() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mug = shop.sell(1_000, "EUR");
    let now = shop.rig.clock.now();
    let (ann, bob) = (StaffId::new(now), StaffId::new(now));
    let cart = shop.cart().await?;
    let key = shop.rig.actors.claims(Kind::ApiKey, "akey_1");
    let perms: Permissions = [CartsWrite].into_iter().collect();
    let request = shop.rig.actors.request(&Claims { perms, ..key }, line(&cart.id, &mug, 1));
    shop.client.clone().add_line(request).await?;
    assert_eq!(known(&shop, &cart.id).await?.agent, "");
    for who in [ann, bob] {
        shop.client.clone().add_line(by(&shop, who, &[CartsWrite], line(&cart.id, &mug, 1))).await?;
    }
    set(&shop, by(&shop, bob, &[CartsWrite], said(&cart.id, from("cleo", ""), false))).await?;
    let agent = String::from(ann);
    assert_eq!(known(&shop, &cart.id).await?, Attribution { agent, ..from("cleo", "") });
    // In Ada's name.
    let ada: CustomerId = shop.customer();
    let theirs = open(&shop, Attribution::default()).await?;
    let act = Act { kind: Kind::Staff, sub: bob.into(), session: "ses_1".into(), reason: "asked".into() };
    let claims = Claims { act: Some(act), ..shop.rig.actors.claims(Kind::Customer, ada) };
    shop.client.clone().add_line(shop.rig.actors.request(&claims, line(&theirs.id, &mug, 1))).await?;
    assert_eq!(known(&shop, &theirs.id).await?.agent, String::from(bob));
    Ok(())
}

/// CA-8, ID-23: who does not see what leads to a person neither writes it, nor wipes it out with what they say else.
#[tokio::test]
async fn what_is_masked_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let visitor = [("visitor".to_owned(), "7".to_owned())].into();
    let brought = Attribution { gclid: "Cj0K".to_owned(), metadata: visitor, ..from("ann", "") };
    let cart = open(&shop, brought.clone()).await?;
    for merge in [true, false] {
        let blind =
            by(&shop, StaffId::new(shop.rig.clock.now()), &[CartsWrite], said(&cart.id, from("bob", "phone"), merge));
        set(&shop, blind).await?;
        let kept = known(&shop, &cart.id).await?;
        assert_eq!((&*kept.gclid, &kept.metadata, &*kept.funnel), ("Cj0K", &brought.metadata, "phone"));
    }
    let masked = Attribution { gclid: "***".to_owned(), ..from("bob", "") };
    let back = shop.rig.actors.staff(&[CartsWrite], said(&cart.id, masked.clone(), false));
    assert_eq!(reason(set(&shop, back).await), "permission_required");
    set(&shop, shop.rig.actors.staff(&[CartsWrite, CustomersPii], said(&cart.id, masked, false))).await?;
    assert_eq!(known(&shop, &cart.id).await?.gclid, "***");
    Ok(())
}

/// CA-8: staff name an agent who works for the store, and nobody else; who may not change carts says nothing.
#[tokio::test]
async fn staff_name_a_colleague() -> anyhow::Result<()> {
    let mut colleague = String::new();
    let shop = Shop::settled(|rig| {
        colleague = StaffId::new(rig.clock.now()).into();
        rig.colleagues = vec![Colleague { staff: colleague.clone(), name: "Ann".to_owned() }];
        Vec::new()
    })
    .await?;
    let (cart, stranger) = (shop.cart().await?, String::from(StaffId::new(shop.rig.clock.now())));
    let named = |agent: &str| said(&cart.id, Attribution { agent: agent.to_owned(), ..from("ann", "") }, false);
    let staff = |permission, agent: &str| set(&shop, shop.rig.actors.staff(&[permission], named(agent)));
    assert_eq!(reason(staff(CartsRead, &colleague).await), "permission_required");
    assert_eq!(reason(staff(CartsWrite, &stranger).await), "invalid");
    assert_eq!(reason(staff(CartsWrite, "ann").await), "invalid");
    let elsewhere = set(&shop, shop.rig.actors.elsewhere().staff(&[CartsWrite], named(&colleague))).await;
    assert_eq!(reason(elsewhere), "cart_not_found");
    let cart = staff(CartsWrite, &colleague).await?;
    assert_eq!(cart.attribution.unwrap_or_default().agent, colleague, "and not who named them");
    Ok(())
}

/// CA-6, CA-8: whoever makes a check-out link works on the cart; a link of somebody else leaves its agent alone.
#[tokio::test]
async fn who_makes_a_link_is_the_agent() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.people.know("ada@example.com", "Ada"), shop.sell(1_000, "EUR"));
    let ada: CustomerId = ada.parse()?;
    let open = shop.rig.actors.customer(ada, OpenCartRequest::default());
    let cart = shop.client.clone().open_cart(open).await?.into_inner();
    shop.client.clone().add_line(shop.rig.actors.customer(ada, line(&cart.id, &mug, 1))).await?;
    let now = shop.rig.clock.now();
    let (ann, bob) = (StaffId::new(now), StaffId::new(now));
    let mut links = CheckoutLinkServiceClient::new(shop.rig.env.peer("test", carts::NAME)?);
    for who in [ann, bob] {
        let wanted = CreateCheckoutLinkRequest { cart: cart.id.clone(), ..CreateCheckoutLinkRequest::default() };
        links.create_checkout_link(by(&shop, who, &[CartsWrite, CustomersPii], wanted)).await?;
        assert_eq!(known(&shop, &cart.id).await?.agent, String::from(ann));
    }
    Ok(())
}

/// CA-8, CA-9: what brought a guest's cart about goes along, and the agent of the customer's own stays; where the guest's
/// says nothing, nothing is forgotten.
#[tokio::test]
async fn what_brought_a_guest_goes_along() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, mug) = (shop.customer(), shop.sell(1_000, "EUR"));
    let own =
        shop.rig.actors.customer(ada, OpenCartRequest { attribution: Some(from("ann", "")), ..Default::default() });
    let own = shop.client.clone().open_cart(own).await?.into_inner();
    let agent = StaffId::new(shop.rig.clock.now());
    shop.client.clone().add_line(by(&shop, agent, &[CartsWrite], line(&own.id, &mug, 1))).await?;
    let agent = String::from(agent);
    let mut guests = GuestCartServiceClient::new(shop.rig.env.peer("test", carts::NAME)?);
    for (brought, after) in [(from("", ""), from("ann", "")), (from("", "spring"), from("", "spring"))] {
        let guest = open(&shop, brought).await?;
        shop.add(&guest.id, &mug, 1).await?;
        let wanted = shop.rig.actors.customer(ada, MergeGuestCartRequest { cart: guest.id });
        let merged = guests.merge_guest_cart(wanted).await?.into_inner();
        assert_eq!(merged.cart.unwrap_or_default().id, own.id);
        assert_eq!(known(&shop, &own.id).await?, Attribution { agent: agent.clone(), ..after });
    }
    Ok(())
}

/// ID-23, CA-8: a click and what else was noted lead to a person, and are masked for who may not see people.
#[tokio::test]
async fn what_leads_to_a_person_is_masked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let metadata = [("visitor".to_owned(), "ada-7".to_owned())].into();
    let brought = Attribution { gclid: "Cj0K".to_owned(), metadata, ..from("ann", "spring") };
    let cart = open(&shop, brought.clone()).await?;
    assert_eq!(known(&shop, &cart.id).await?, brought);
    let seen = shop.client.clone().get_cart(shop.rig.actors.staff(&[CartsRead], named(&cart.id))).await?.into_inner();
    let masked = [("visitor".to_owned(), "***".to_owned())].into();
    assert_eq!(
        seen.attribution,
        Some(Attribution { gclid: "***".to_owned(), metadata: masked, ..from("ann", "spring") })
    );
    Ok(())
}

fn filter(field: &str, op: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

/// CA-3, CA-8: open carts are found by who and what brought them about.
#[tokio::test]
async fn carts_are_found_by_what_brought_them_about() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let agent = StaffId::new(shop.rig.clock.now());
    let brought =
        Attribution { utm_source: "news".to_owned(), utm_campaign: "spring sale".to_owned(), ..from("ann", "phone") };
    let first = open(&shop, brought).await?;
    // Carts of the same moment come in no order of their own.
    shop.rig.clock.advance(TimeDelta::seconds(1));
    let second = open(&shop, from("bob", "")).await?;
    set(&shop, by(&shop, agent, &[CartsWrite], said(&second.id, from("", ""), true))).await?;
    shop.cart().await?;
    let agent = String::from(agent);
    for (field, op, values, expected) in [
        ("affiliate", "eq", vec!["ann"], vec![&first]),
        ("affiliate", "in", vec!["ann", "bob"], vec![&second, &first]),
        ("affiliate", "eq", vec!["Ann"], vec![]),
        ("funnel", "eq", vec!["phone"], vec![&first]),
        ("utm_source", "eq", vec!["news"], vec![&first]),
        ("utm_campaign", "eq", vec!["spring sale"], vec![&first]),
        ("agent", "eq", vec![&*agent], vec![&second]),
    ] {
        let wanted = ListCartsRequest {
            status: "open".to_owned(),
            filter: Some(filter(field, op, &values)),
            ..ListCartsRequest::default()
        };
        let found = shop.client.clone().list_carts(shop.rig.actors.staff(&[CartsRead], wanted)).await?.into_inner();
        let found: Vec<_> = found.carts.iter().map(|cart| &cart.id).collect();
        assert_eq!(found, expected.iter().map(|cart| &cart.id).collect::<Vec<_>>(), "{field} {values:?}");
    }
    Ok(())
}

/// CA-3: each of these lists is read by its index.
#[tokio::test]
async fn each_list_has_its_index() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut tx = shop.db()?.begin_own().await?;
    sqlx::query("set local enable_seqscan = off").execute(&mut *tx).await?;
    for (word, index) in [
        ("agent", "carts_by_agent"),
        ("affiliate", "carts_by_affiliate"),
        ("funnel", "carts_by_funnel"),
        ("utm_campaign", "carts_by_campaign"),
        ("utm_source", "carts_by_source"),
    ] {
        let sql = format!(
            "explain select * from carts c where c.realm_id = '{}' and c.status = 'open'
               and (c.attribution ->> '{word}') = 'x' order by c.created_at desc, c.id desc limit 26",
            shop.rig.actors.realm.uuid(),
        );
        let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *tx).await?;
        let plan = plan.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?.join("\n");
        assert!(plan.contains(&format!("using {index}")) && !plan.contains("Sort"), "{plan}");
    }
    Ok(())
}
