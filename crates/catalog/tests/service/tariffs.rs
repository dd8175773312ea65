//! Ways to ship and tax rates.
use kit::permission::Permission;
use proto::catalog::v1::{
    BatchGetProductsRequest, BatchGetTariffsRequest, CreateShippingMethodRequest, CreateTaxRateRequest,
    DeleteShippingMethodRequest, DeleteTaxRateRequest, GetTaxRateRequest, ListShippingMethodsRequest,
    ListTaxRatesRequest, ShippingTerms, Tariff, TaxTerms, UpdateShippingMethodRequest, UpdateTaxRateRequest,
    shipping_method_service_client::ShippingMethodServiceClient, tariff_service_client::TariffServiceClient,
    tax_rate_service_client::TaxRateServiceClient,
};
use testing::actors::if_match;

use crate::counter::{Counter, EDITOR, euros, pointers, reason, song};

fn post(name: &str, position: u32) -> ShippingTerms {
    ShippingTerms {
        name: name.to_owned(),
        price: Some(euros(490)),
        free_from: Some(euros(5_000)),
        countries: vec!["DE".to_owned(), "AT".to_owned(), "DE".to_owned()],
        active: true,
        position,
    }
}

fn vat(country: &str, rate: u32, class: &str) -> TaxTerms {
    let (name, region) = ("VAT".to_owned(), String::new());
    TaxTerms { name, country: country.to_owned(), region, rate, included: true, class: class.to_owned(), active: true }
}

async fn tariff(counter: &Counter) -> anyhow::Result<Tariff> {
    let stores = vec![counter.rig.store().id];
    let request = counter.rig.actors.system("carts", BatchGetTariffsRequest { stores });
    let mut client = TariffServiceClient::new(counter.transport.clone());
    let answer = client.batch_get_tariffs(request).await?.into_inner();
    answer.tariffs.into_iter().next().ok_or_else(|| anyhow::anyhow!("no tariff"))
}

/// CA-11: a store's ways to ship, with their places, prices and countries.
#[tokio::test]
async fn ways_to_ship_are_kept() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let mut client = ShippingMethodServiceClient::new(counter.transport.clone());
    let actors = &counter.rig.actors;
    let create = |terms| actors.staff(EDITOR, CreateShippingMethodRequest { terms: Some(terms) });
    let last = client.create_shipping_method(create(post("Express", 2))).await?.into_inner();
    let first = client.create_shipping_method(create(post("Post", 1))).await?.into_inner();
    assert_eq!(first.terms.as_ref().map(|terms| terms.countries.join(" ")), Some("AT DE".to_owned()));
    let list = client.list_shipping_methods(actors.staff(EDITOR, ListShippingMethodsRequest {})).await?;
    let ids: Vec<_> = list.into_inner().methods.into_iter().map(|method| method.id).collect();
    assert_eq!(ids, [first.id.clone(), last.id.clone()]);
    let terms = Some(ShippingTerms { active: false, ..post("Express", 0) });
    let write = UpdateShippingMethodRequest { id: last.id.clone(), terms };
    let changed = client.update_shipping_method(if_match(actors.staff(EDITOR, write.clone()), 1)).await?.into_inner();
    assert_eq!(changed.version, 2);
    let status = client.update_shipping_method(if_match(actors.staff(EDITOR, write), 1)).await.expect_err("stale");
    assert_eq!(kit::failure::Told::read(&status).code.http(), 412);
    let odd = ShippingTerms {
        name: String::new(),
        price: None,
        countries: vec!["D".into()],
        position: 10_000,
        ..post("", 0)
    };
    let status = client.create_shipping_method(create(odd)).await.expect_err("odd");
    assert_eq!(pointers(&status), ["/name", "/price", "/countries/0", "/position"]);
    let delete = || DeleteShippingMethodRequest { id: first.id.clone() };
    let elsewhere = actors.elsewhere();
    let status = client.delete_shipping_method(elsewhere.staff(EDITOR, delete())).await.expect_err("foreign");
    assert_eq!(reason(&status), "shipping_method_not_found");
    client.delete_shipping_method(actors.staff(EDITOR, delete())).await?;
    let told = tariff(&counter).await?;
    assert_eq!((told.version, told.shipping_methods.len()), (4, 0), "one is inactive, one deleted");
    Ok(())
}

/// CA-11: one active tax rate for a place and class; pricing gets those of a store at once, with a version.
#[tokio::test]
async fn a_place_and_class_has_one_rate() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    assert_eq!(tariff(&counter).await?.version, 0);
    let mut client = TaxRateServiceClient::new(counter.transport.clone());
    let actors = &counter.rig.actors;
    let create = |terms| actors.staff(EDITOR, CreateTaxRateRequest { terms: Some(terms) });
    let made = client.create_tax_rate(create(vat("DE", 1_900, "standard"))).await?.into_inner();
    client.create_tax_rate(create(vat("DE", 700, "reduced"))).await?;
    client.create_tax_rate(create(TaxTerms { region: "Bavaria".into(), ..vat("DE", 1_900, "standard") })).await?;
    for (terms, expected) in [
        (vat("DE", 1_600, "standard"), "tax_rate_taken"),
        (TaxTerms { region: " bavaria ".into(), ..vat("DE", 1, "standard") }, "tax_rate_taken"),
    ] {
        assert_eq!(reason(&client.create_tax_rate(create(terms)).await.expect_err("taken")), expected);
    }
    client.create_tax_rate(create(TaxTerms { active: false, ..vat("DE", 1_600, "standard") })).await?;
    let told = tariff(&counter).await?;
    assert_eq!((told.version, told.tax_rates.len()), (4, 3));
    let write = UpdateTaxRateRequest { id: made.id.clone(), terms: Some(vat("DE", 1_600, "standard")) };
    client.update_tax_rate(actors.staff(EDITOR, write)).await?;
    let get = actors.staff(EDITOR, GetTaxRateRequest { id: made.id.clone() });
    assert_eq!(client.get_tax_rate(get).await?.into_inner().terms.map(|terms| terms.rate), Some(1_600));
    client.delete_tax_rate(actors.staff(EDITOR, DeleteTaxRateRequest { id: made.id })).await?;
    let list = client.list_tax_rates(actors.staff(EDITOR, ListTaxRatesRequest {})).await?.into_inner();
    assert_eq!((list.rates.len(), tariff(&counter).await?.version), (3, 6));
    Ok(())
}

/// CA-11: whoever prices a cart is told with each product which version of its seller's tariff there is; nobody else is.
#[tokio::test]
async fn products_come_with_the_version_of_their_tariff() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let actors = &counter.rig.actors;
    let (one, other) = (counter.create(song("one")).await?, counter.create(song("two")).await?);
    let foreign = counter.elsewhere.staff(EDITOR, song("far"));
    let far = counter.client.clone().create_product(foreign).await?.into_inner();
    let mut rates = TaxRateServiceClient::new(counter.transport.clone());
    let create = || CreateTaxRateRequest { terms: Some(vat("DE", 1_900, "standard")) };
    rates.create_tax_rate(actors.staff(EDITOR, create())).await?;
    let ids: Vec<String> = [&one, &other, &far].map(|product| product.id.clone()).into();
    let versions = async |request: tonic::Request<BatchGetProductsRequest>| {
        let products = counter.client.clone().batch_get_products(request).await?.into_inner().products;
        let version = |id: &String| products.iter().find(|product| product.id == *id).map(|p| p.tariff_version);
        anyhow::Ok(ids.iter().map(version).collect::<Vec<_>>())
    };
    let asked = || BatchGetProductsRequest { ids: ids.clone(), ..BatchGetProductsRequest::default() };
    assert_eq!(versions(actors.system("carts", asked())).await?, [Some(1), Some(1), Some(0)]);
    assert_eq!(versions(actors.anonymous(asked())).await?, [Some(0), Some(0), None]);
    rates.create_tax_rate(counter.elsewhere.staff(EDITOR, create())).await?;
    assert_eq!(versions(actors.system("carts", asked())).await?, [Some(1), Some(1), Some(1)]);
    Ok(())
}

/// ID-22, ID-30: reading needs catalog.read, changing catalog.write, and only services ask for tariffs.
#[tokio::test]
async fn tariffs_need_permissions() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let actors = &counter.rig.actors;
    let mut methods = ShippingMethodServiceClient::new(counter.transport.clone());
    let mut rates = TaxRateServiceClient::new(counter.transport.clone());
    let http = |status: tonic::Status| kit::failure::Told::read(&status).code.http();
    let list = methods.list_shipping_methods(actors.anonymous(ListShippingMethodsRequest {})).await;
    assert_eq!(list.map_err(http).err(), Some(403));
    let reader = &[Permission::CatalogRead];
    let create = CreateShippingMethodRequest { terms: Some(post("Post", 0)) };
    let create = methods.create_shipping_method(actors.staff(reader, create)).await;
    assert_eq!(create.map_err(http).err(), Some(403));
    let create = CreateTaxRateRequest { terms: Some(vat("DE", 1, "standard")) };
    assert_eq!(rates.create_tax_rate(actors.staff(reader, create)).await.map_err(http).err(), Some(403));
    let mut tariffs = TariffServiceClient::new(counter.transport.clone());
    let request = BatchGetTariffsRequest { stores: vec![counter.rig.store().id] };
    assert_eq!(tariffs.batch_get_tariffs(actors.staff(EDITOR, request)).await.map_err(http).err(), Some(403));
    Ok(())
}
