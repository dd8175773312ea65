//! What lists are narrowed down by beside the record itself.
use chrono::TimeDelta;
use kit::ids::ProductId;
use proto::{
    base::v1::{Address, Filter, filter::Node},
    customers::v1::{
        AddAddressRequest, ChangeCustomerRequest, DeleteAddressRequest, Details, EnsureCustomerRequest, GivenAddress,
        ListCustomersRequest, SetConsentsRequest, address_service_client::AddressServiceClient,
        consent_service_client::ConsentServiceClient, record_service_client::RecordServiceClient,
    },
    orders::v1::{OrderPlaced, PlacedLine},
};

use crate::shop::{NO_PII, Shop, filter, reason};

async fn names(shop: &Shop, filter: Filter) -> anyhow::Result<Vec<String>> {
    let request = ListCustomersRequest { filter: Some(filter), sort: vec!["name".to_owned()], ..Default::default() };
    Ok(shop.names(request).await?)
}

/// The names of those whose `field` compares so.
async fn by(shop: &Shop, field: &str, op: &str, values: &[&str]) -> anyhow::Result<String> {
    Ok(names(shop, filter(field, op, values)).await?.join(" "))
}

fn address(line1: &str, city: &str, (postal_code, country): (&str, &str)) -> Address {
    Address {
        line1: line1.to_owned(),
        city: city.to_owned(),
        postal_code: postal_code.to_owned(),
        country: country.to_owned(),
        ..Address::default()
    }
}

/// Ada saved two addresses; Bob gave one when he bought; Eve none.
async fn neighbours() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    shop.meet("eve@example.com", "Eve").await?;
    save(&shop, &ada.id, address("Unter den Linden 1", "Berlin", ("10117", "DE"))).await?;
    save(&shop, &ada.id, address("Rue Émile 100%", "Saint-Denis", ("93200", "FR"))).await?;
    let given = Some(Address { region: "Île".to_owned(), ..address("Am Markt", "Bergen", ("18528", "DE")) });
    let request = EnsureCustomerRequest { name: "Bob".to_owned(), address: given, ..shop.somebody("bob@example.com") };
    shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?;
    Ok(shop)
}

async fn save(shop: &Shop, customer: &str, address: Address) -> anyhow::Result<String> {
    let address = Some(GivenAddress { address: Some(address), ..GivenAddress::default() });
    let request = AddAddressRequest { customer: customer.to_owned(), address };
    let mut addresses = AddressServiceClient::new(shop.way.clone());
    Ok(addresses.add_address(shop.clerk(request)).await?.into_inner().id)
}

/// CU-5: addresses, the one given at the last purchase and saved ones, are searched by part, whatever the case and the marks.
#[tokio::test]
async fn addresses_are_searched_by_part() -> anyhow::Result<()> {
    let shop = neighbours().await?;
    for (field, op, value, expected) in [
        ("country", "eq", "de", "Ada Bob"),
        ("country", "eq", "FR", "Ada"),
        ("country", "ne", "FR", "Bob Eve"),
        ("city", "contains", "ERLI", "Ada"),
        ("city", "contains", "be", "Ada Bob"),
        ("city", "contains", "rl", ""),
        ("city", "starts", "ber", "Ada Bob"),
        ("city", "starts", "denis", ""),
        ("city", "contains", "denis", "Ada"),
        ("city", "eq", "berlin", "Ada"),
        ("city", "eq", "berl", ""),
        ("city", "ne", "berlin", "Bob Eve"),
        ("city", "exists", "true", "Ada Bob"),
        ("region", "exists", "false", "Ada Eve"),
        ("region", "starts", "îl", "Bob"),
        ("postal_code", "starts", "1", "Ada Bob"),
        ("postal_code", "contains", "0117", "Ada"),
        ("street", "contains", "den linden", "Ada"),
        ("street", "contains", "ÉMILE", "Ada"),
        ("street", "contains", "100%", "Ada"),
        ("street", "contains", "1%0", ""),
        ("street", "contains", "a_ Markt", ""),
    ] {
        assert_eq!(by(&shop, field, op, &[value]).await?, expected, "{field} {op} {value}");
    }
    assert_eq!(by(&shop, "country", "in", &["FR", "US"]).await?, "Ada");
    let both = vec![filter("country", "eq", &["DE"]), filter("postal_code", "starts", &["9"])];
    let both = Filter { node: Some(Node::And(proto::base::v1::FilterList { filters: both })) };
    assert_eq!(names(&shop, both).await?, ["Ada"], "each may be true of another address");
    Ok(())
}

/// CU-5: what is deleted or replaced is found no more.
#[tokio::test]
async fn addresses_that_are_gone_are_found_no_more() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let first = save(&shop, &ada.id, address("Am Markt", "Bergen", ("18528", "DE"))).await?;
    assert_eq!(by(&shop, "city", "eq", &["Bergen"]).await?, "Ada");
    let request = DeleteAddressRequest { customer: ada.id, id: first };
    AddressServiceClient::new(shop.way.clone()).delete_address(shop.clerk(request)).await?;
    assert_eq!(by(&shop, "city", "eq", &["Bergen"]).await?, "");
    for town in ["Oslo", "Rome"] {
        let given = Some(address("1", town, ("1", "NO")));
        let request =
            EnsureCustomerRequest { name: "Bob".to_owned(), address: given, ..shop.somebody("bob@example.com") };
        shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?;
    }
    let towns = (by(&shop, "city", "eq", &["Oslo"]).await?, by(&shop, "city", "eq", &["Rome"]).await?);
    assert!([("Bob", ""), ("", "Bob")].contains(&(&*towns.0, &*towns.1)), "one address is given at a time: {towns:?}");
    Ok(())
}

/// CU-5, ID-23: the street and the company say who somebody is, the town and the country do not.
#[tokio::test]
async fn streets_need_the_permission() -> anyhow::Result<()> {
    let shop = neighbours().await?;
    for (field, personal) in [("street", true), ("business", true), ("city", false), ("postal_code", false)] {
        let request =
            ListCustomersRequest { filter: Some(filter(field, "contains", &["linden"])), ..Default::default() };
        let answer = shop.client.clone().list_customers(shop.actors().staff(NO_PII, request)).await;
        assert_eq!(
            answer.err().map(|status| reason(&status)).unwrap_or_default() == "pii_required",
            personal,
            "{field}"
        );
    }
    Ok(())
}

/// CU-5: companies by part.
#[tokio::test]
async fn companies_are_searched_by_part() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    shop.meet("bob@example.com", "Bob").await?;
    let details = Details { business: Some("Analytical Engines".to_owned()), ..Details::default() };
    let request = ChangeCustomerRequest { id: ada.id, details: Some(details) };
    RecordServiceClient::new(shop.way.clone()).change_customer(shop.clerk(request)).await?;
    for (op, value, expected) in [
        ("contains", "engine", "Ada"),
        ("starts", "analyt", "Ada"),
        ("starts", "engine", ""),
        ("eq", "analytical engines", "Ada"),
        ("ne", "analytical engines", "Bob"),
        ("exists", "true", "Ada"),
        ("exists", "false", "Bob"),
    ] {
        assert_eq!(by(&shop, "business", op, &[value]).await?, expected, "{op} {value}");
    }
    Ok(())
}

/// CU-5: who agreed to marketing on a channel; withdrawn is not agreed.
#[tokio::test]
async fn consents_are_filtered_by() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for (email, name, consents) in [
        ("ada@example.com", "Ada", vec![("email", true), ("sms", false)]),
        ("bob@example.com", "Bob", vec![("sms", true)]),
        ("eve@example.com", "Eve", vec![]),
    ] {
        let customer = shop.meet(email, name).await?.id;
        let consents: std::collections::HashMap<_, _> =
            consents.into_iter().map(|(channel, granted)| (channel.to_owned(), granted)).collect();
        if !consents.is_empty() {
            let request = SetConsentsRequest { customer, consents, source: "fair".to_owned() };
            ConsentServiceClient::new(shop.way.clone()).set_consents(shop.clerk(request)).await?;
        }
    }
    assert_eq!(by(&shop, "consent", "eq", &["email"]).await?, "Ada");
    assert_eq!(by(&shop, "consent", "eq", &["sms"]).await?, "Bob");
    assert_eq!(by(&shop, "consent", "in", &["email", "sms"]).await?, "Ada Bob");
    assert_eq!(by(&shop, "consent", "ne", &["sms"]).await?, "Ada Eve");
    Ok(())
}

/// CU-5: who bought a product, however often they did and however often it was heard of.
#[tokio::test]
async fn bought_products_are_filtered_by() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (mug, jug) = (ProductId::new(shop.now()).to_string(), ProductId::new(shop.now()).to_string());
    let line = |product: &String| PlacedLine { product: product.clone(), quantity: 1, ..PlacedLine::default() };
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let bob = shop.meet("bob@example.com", "Bob").await?;
    shop.meet("eve@example.com", "Eve").await?;
    let twice =
        OrderPlaced { lines: vec![line(&mug), line(&mug), line(&jug)], ..shop.placed(&ada.id, "1", shop.now()) };
    for event in [&twice, &twice, &OrderPlaced { lines: vec![line(&mug)], ..shop.placed(&bob.id, "2", shop.now()) }] {
        shop.hear(event).await?;
    }
    assert_eq!(by(&shop, "products", "eq", &[&mug]).await?, "Ada Bob");
    assert_eq!(by(&shop, "products", "in", &[&jug, &mug]).await?, "Ada Bob");
    assert_eq!(by(&shop, "products", "eq", &[&jug]).await?, "Ada");
    assert_eq!(by(&shop, "products", "ne", &[&jug]).await?, "Bob Eve");
    assert_eq!(by(&shop, "products", "nin", &[&jug, &mug]).await?, "Eve");
    Ok(())
}

/// CU-5, CU-17: at risk is who bought before and gave no sign of life for so many days, to the second; a lead never is.
#[tokio::test]
async fn silence_is_measured_to_the_second() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    shop.meet("lea@example.com", "Lea").await?;
    let at = shop.now();
    shop.hear(&shop.placed(&ada.id, "1", at)).await?;
    let until = (at + TimeDelta::seconds(1)).to_rfc3339();
    let before = at.to_rfc3339();
    assert_eq!(by(&shop, "last_activity_at", "lt", &[&until]).await?, "Ada Lea");
    assert_eq!(by(&shop, "last_activity_at", "lt", &[&before]).await?, "");
    assert_eq!(by(&shop, "last_activity_at", "between", &[&before, &until]).await?, "Ada Lea");
    shop.rig.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
    assert_eq!(by(&shop, "at_risk", "eq", &["90"]).await?, "");
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(by(&shop, "at_risk", "eq", &["90"]).await?, "Ada");
    assert_eq!(by(&shop, "at_risk", "eq", &["91"]).await?, "");
    Ok(())
}
