//! Store staff in a network (ID-21).
use kit::ids::{NetworkId, RealmId, StoreId};
use proto::{
    customers::v1::{EnsureCustomerRequest, GetCustomerRequest, ListCustomersRequest},
    identity::v1::{Network, Store},
    orders::v1::{OrderPlaced, PaymentCaptured},
};
use testing::{Actors, Rig};
use tonic::Code;

use crate::shop::{PII, Shop};

/// A network in USD of two stores, of which the actors' own sells in EUR.
async fn network() -> anyhow::Result<(Shop, Actors)> {
    network_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)
}

/// The same on `rig`.
pub fn network_on(mut rig: Rig) -> anyhow::Result<(Shop, Actors)> {
    let network = NetworkId::new(rig.clock.now());
    rig.actors.realm = RealmId::from_uuid(network.uuid());
    rig.actors.network = Some(network);
    rig.networks.push(Network { id: network.into(), currency: "USD".to_owned(), ..Network::default() });
    let mut other = rig.actors.clone();
    other.store = StoreId::new(rig.clock.now());
    let store = Store { id: other.store.into(), currency: "USD".to_owned(), ..rig.store() };
    Ok((Shop::with(rig, vec![store])?, other))
}

async fn names(shop: &Shop, actors: &Actors, sort: &str) -> anyhow::Result<Vec<(String, i64)>> {
    let request = ListCustomersRequest { sort: vec![sort.to_owned()], ..Default::default() };
    let answer = shop.client.clone().list_customers(actors.staff(PII, request)).await?.into_inner();
    Ok(answer.customers.into_iter().map(|customer| (customer.name, customer.orders_count)).collect())
}

/// ID-21: a store's own staff see the customers active in that store, with that store's figures.
#[tokio::test]
async fn store_staff_see_their_own_customers_and_figures() -> anyhow::Result<()> {
    let (shop, other) = network().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let grace = shop.meet("grace@example.com", "Grace").await?;
    let there = EnsureCustomerRequest { store: other.store.into(), ..shop.somebody("ada@example.com") };
    shop.client.clone().ensure_customer(shop.actors().system("carts", there)).await?;
    shop.hear(&shop.placed(&ada.id, "1", shop.now())).await?;
    shop.hear(&shop.captured(&ada.id, (100, "EUR"), shop.now())).await?;
    for number in ["2", "3"] {
        shop.hear(&OrderPlaced { store: other.store.into(), ..shop.placed(&ada.id, number, shop.now()) }).await?;
    }
    shop.hear(&PaymentCaptured { store: other.store.into(), ..shop.captured(&ada.id, (70, "USD"), shop.now()) })
        .await?;
    assert_eq!(names(&shop, shop.actors(), "-orders_count").await?, [("Ada".to_owned(), 1), ("Grace".to_owned(), 0)]);
    assert_eq!(names(&shop, &other, "-total_spent").await?, [("Ada".to_owned(), 2)]);
    let request = other.staff(PII, GetCustomerRequest { id: ada.id.clone() });
    let seen = shop.client.clone().get_customer(request).await?.into_inner();
    assert_eq!((seen.total_spent.len(), seen.total_spent[0].amount), (1, 70));
    let request = other.staff(PII, GetCustomerRequest { id: grace.id });
    let status = shop.client.clone().get_customer(request).await.expect_err("not their customer");
    assert_eq!(status.code(), Code::NotFound);
    Ok(())
}

/// ID-21: who works in the whole network sees everybody, with all figures; totals sort by the network's currency.
#[tokio::test]
async fn network_staff_see_everybody() -> anyhow::Result<()> {
    let (shop, other) = network().await?;
    let (ada, grace) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("grace@example.com", "Grace").await?);
    shop.hear(&shop.captured(&ada.id, (900, "EUR"), shop.now())).await?;
    shop.hear(&PaymentCaptured { store: other.store.into(), ..shop.captured(&grace.id, (70, "USD"), shop.now()) })
        .await?;
    let mut claims = shop.actors().claims(kit::actor::Kind::Staff, "stf_1");
    (claims.store, claims.perms) = (None, PII.iter().copied().collect());
    let request = ListCustomersRequest { sort: vec!["-total_spent".to_owned()], ..Default::default() };
    let answer = shop.client.clone().list_customers(shop.actors().request(&claims, request)).await?.into_inner();
    let spent = answer.customers.iter().map(|customer| (customer.name.as_str(), customer.total_spent[0].amount));
    assert_eq!(spent.collect::<Vec<_>>(), [("Grace", 70), ("Ada", 900)]);
    Ok(())
}

/// CU-3: a network's shop front meets people before it knows which store they buy from.
#[tokio::test]
async fn somebody_is_met_without_a_store() -> anyhow::Result<()> {
    let (shop, _) = network().await?;
    let request = EnsureCustomerRequest {
        store: String::new(),
        phone: "+49 30 901820".to_owned(),
        ..shop.somebody("ada@example.com")
    };
    let met = shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?.into_inner();
    let customer = met.customer.unwrap_or_default();
    assert_eq!((met.created, customer.phone.as_str(), customer.lifecycle.as_str()), (true, "+4930901820", "lead"));
    assert!(names(&shop, shop.actors(), "name").await?.is_empty(), "no store of the network has met them yet");
    assert_eq!(shop.meet("ada@example.com", "Ada").await?.id, customer.id);
    Ok(())
}
