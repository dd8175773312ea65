//! Products through their client, on a real database.
use kit::{money::Currency, permission::Permission};
use proto::{
    base::v1::{Money, PageRequest},
    catalog::v1::{
        BatchGetProductsRequest, BrowseProductsRequest, CreateProductRequest, GetProductRequest, ListProductsRequest,
        Product, UpdateProductRequest, product_service_client::ProductServiceClient,
    },
};
use testing::{
    Actors, Rig,
    actors::{if_match, keyed},
};
use tonic::Code;

type Client = ProductServiceClient<kit::transport::Transport>;

const EDITOR: &[Permission] = &[Permission::CatalogRead, Permission::CatalogWrite];

async fn rig() -> anyhow::Result<(Rig, Client)> {
    let rig = Rig::new(catalog::NAME, &catalog::MIGRATOR).await?;
    let transport = rig.serve(catalog::service(&rig.env)?, Vec::new())?;
    Ok((rig, Client::new(transport)))
}

fn mug(sku: &str) -> CreateProductRequest {
    CreateProductRequest {
        sku: sku.to_owned(),
        name: format!("Mug {sku}"),
        price: Some(Money { amount: 1999, currency: Currency::EUR.code().to_owned() }),
        kind: "physical".to_owned(),
        ..CreateProductRequest::default()
    }
}

async fn create(client: &mut Client, actors: &Actors, request: CreateProductRequest) -> anyhow::Result<Product> {
    Ok(client.create_product(actors.staff(EDITOR, request)).await?.into_inner())
}

fn reason(status: &tonic::Status) -> String {
    kit::failure::Told::read(status).reason
}

/// CA-1: a product is found again by its id, in its store, with what was given.
#[tokio::test]
async fn a_product_is_found_again() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = create(&mut client, &rig.actors, mug("A-1")).await?;
    let found = client.get_product(rig.actors.anonymous(GetProductRequest { id: made.id.clone() })).await?;
    assert_eq!(found.into_inner(), made);
    assert_eq!((made.version, made.active, made.price.map(|p| p.amount)), (1, true, Some(1999)));
    Ok(())
}

/// PL-4: another store's product is not found, whoever asks and however.
#[tokio::test]
async fn another_stores_product_is_not_found() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = create(&mut client, &rig.actors, mug("A-1")).await?;
    let elsewhere = rig.actors.elsewhere();
    let get = GetProductRequest { id: made.id.clone() };
    let status = client.get_product(elsewhere.anonymous(get.clone())).await.expect_err("foreign");
    assert_eq!(status.code(), Code::NotFound);
    let status = client.get_product(elsewhere.staff(EDITOR, get)).await.expect_err("foreign");
    assert_eq!(status.code(), Code::NotFound);
    let change = UpdateProductRequest { id: made.id.clone(), active: Some(false), ..Default::default() };
    let status = client.update_product(elsewhere.staff(EDITOR, change)).await.expect_err("foreign");
    assert_eq!(reason(&status), "product_not_found");
    let batch = BatchGetProductsRequest { ids: vec![made.id], ..BatchGetProductsRequest::default() };
    assert!(client.batch_get_products(elsewhere.anonymous(batch)).await?.into_inner().products.is_empty());
    Ok(())
}

/// ID-22, ID-30: adding needs catalog.write, and the service itself says so.
#[tokio::test]
async fn adding_needs_the_permission() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    for request in [
        rig.actors.anonymous(mug("A-1")),
        rig.actors.staff(&[Permission::CatalogRead], mug("A-1")),
        rig.actors.customer(kit::ids::CustomerId::new(rig.clock.now()), mug("A-1")),
    ] {
        let status = client.create_product(request).await.expect_err("not allowed");
        let told = kit::failure::Told::read(&status);
        assert_eq!((told.code.http(), told.facts["required_permission"].as_str()), (403, "catalog.write"));
    }
    let status = client.create_product(tonic::Request::new(mug("A-1"))).await;
    assert!(status.is_err(), "a service's own call has no store");
    Ok(())
}

/// CA-1: a SKU stands for one product of a store; two adding it at once make one.
#[tokio::test]
async fn a_sku_is_taken_once() -> anyhow::Result<()> {
    let (rig, client) = rig().await?;
    let (mut one, mut two) = (client.clone(), client);
    let (first, second) = tokio::join!(
        one.create_product(rig.actors.staff(EDITOR, mug("A-1"))),
        two.create_product(rig.actors.staff(EDITOR, mug("A-1"))),
    );
    let failures: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(failures.iter().map(reason).collect::<Vec<_>>(), ["sku_taken"]);
    Ok(())
}

/// PL-3: the same key gives the stored answer, the same key for something else is refused.
#[tokio::test]
async fn an_idempotency_key_gives_the_same_answer() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let staff = kit::ids::StaffId::new(rig.clock.now());
    let claims = kit::assertion::Claims {
        perms: EDITOR.iter().copied().collect(),
        ..rig.actors.claims(kit::actor::Kind::Staff, staff)
    };
    let request = || keyed(rig.actors.request(&claims, mug("A-1")), "key-1", "print-1");
    let first = client.create_product(request()).await?;
    let again = client.create_product(request()).await?;
    assert_eq!(first.get_ref(), again.get_ref());
    assert!(first.metadata().get("idempotent-replayed").is_none());
    assert!(again.metadata().get("idempotent-replayed").is_some_and(|value| value == "true"));
    let other = keyed(rig.actors.request(&claims, mug("A-2")), "key-1", "print-2");
    assert_eq!(reason(&client.create_product(other).await.expect_err("mismatch")), "idempotency_mismatch");
    Ok(())
}

/// PL-3: a stale version is refused with the current one; a change raises it.
#[tokio::test]
async fn a_stale_version_is_refused() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = create(&mut client, &rig.actors, mug("A-1")).await?;
    let rename = |name: &str| UpdateProductRequest {
        id: made.id.clone(),
        name: Some(name.to_owned()),
        ..UpdateProductRequest::default()
    };
    let changed = client.update_product(if_match(rig.actors.staff(EDITOR, rename("Cup")), 1)).await?.into_inner();
    assert_eq!((changed.version, changed.name.as_str()), (2, "Cup"));
    let status = client.update_product(if_match(rig.actors.staff(EDITOR, rename("Jar")), 1)).await.expect_err("stale");
    let told = kit::failure::Told::read(&status);
    assert_eq!((told.code.http(), told.facts["current_version"].as_str()), (412, "2"));
    Ok(())
}

/// CA-1: search finds part of a name or SKU and takes wildcards literally.
#[tokio::test]
async fn search_finds_parts_and_no_wildcards() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    for sku in ["RED-1", "RED-2", "100%_BLUE"] {
        create(&mut client, &rig.actors, mug(sku)).await?;
    }
    for (query, expected) in [("red", 2), ("ug re", 2), ("%", 1), ("_", 1), ("100%_b", 1), ("'; drop", 0), ("🫖", 0)]
    {
        let request = BrowseProductsRequest { query: query.to_owned(), ..BrowseProductsRequest::default() };
        let found = client.browse_products(rig.actors.anonymous(request)).await?.into_inner().products;
        assert_eq!(found.len(), expected, "{query}");
    }
    Ok(())
}

/// API §1: pages follow each other forth and back without a gap, in every order, and a foreign cursor is refused.
#[tokio::test]
async fn pages_follow_each_other() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    for i in 0..7 {
        rig.clock.advance(chrono::TimeDelta::seconds(1));
        let price = Money { amount: 100 * (i % 3), currency: "EUR".to_owned() };
        create(&mut client, &rig.actors, CreateProductRequest { price: Some(price), ..mug(&format!("S-{i}")) }).await?;
    }
    for sort in ["", "name", "-name", "sku", "-price", "price", "created_at"] {
        let (mut seen, mut after, mut prev) = (Vec::new(), String::new(), String::new());
        loop {
            let page = PageRequest { limit: 3, after: after.clone(), total: true, ..PageRequest::default() };
            let list = list(&mut client, &rig.actors, sort, page).await?;
            let place = list.page.unwrap_or_default();
            assert_eq!(place.total, "7");
            seen.push(list.products);
            prev = if place.prev.is_empty() { prev } else { place.prev };
            if place.next.is_empty() {
                break;
            }
            after = place.next;
        }
        assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1], "{sort}");
        let back = PageRequest { limit: 3, before: prev, ..PageRequest::default() };
        assert_eq!(list(&mut client, &rig.actors, sort, back).await?.products, seen[1], "{sort}");
        let foreign = PageRequest { after, ..PageRequest::default() };
        let status = list(&mut client, &rig.actors, "-sku", foreign).await.expect_err("made for another sort");
        assert!(status.to_string().contains("not valid for this list"), "{status}");
    }
    Ok(())
}

async fn list(
    client: &mut Client,
    actors: &Actors,
    sort: &str,
    page: PageRequest,
) -> anyhow::Result<proto::catalog::v1::ListProductsResponse> {
    let sort = Some(sort.to_owned()).filter(|sort| !sort.is_empty()).into_iter().collect();
    let request = ListProductsRequest { sort, page: Some(page), ..ListProductsRequest::default() };
    Ok(client.list_products(actors.staff(EDITOR, request)).await?.into_inner())
}

/// CA-1: what cannot be bought is for staff only.
#[tokio::test]
async fn an_inactive_product_is_for_staff() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = create(&mut client, &rig.actors, mug("A-1")).await?;
    let hide = UpdateProductRequest { id: made.id.clone(), active: Some(false), ..UpdateProductRequest::default() };
    client.update_product(rig.actors.staff(EDITOR, hide)).await?;
    let get = GetProductRequest { id: made.id };
    assert!(client.get_product(rig.actors.staff(EDITOR, get.clone())).await.is_ok());
    let status = client.get_product(rig.actors.anonymous(get)).await.expect_err("hidden");
    assert_eq!(status.code(), Code::NotFound);
    Ok(())
}

/// CA-11: a price is in the store's currency; everything wrong with a product is told at once.
#[tokio::test]
async fn bad_products_are_refused_field_by_field() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let dollars = Some(Money { amount: 1, currency: "USD".to_owned() });
    let request = rig.actors.staff(EDITOR, CreateProductRequest { price: dollars, ..mug("A-1") });
    assert_eq!(reason(&client.create_product(request).await.expect_err("currency")), "wrong_currency");
    let nothing = CreateProductRequest { kind: "ghost".to_owned(), ..CreateProductRequest::default() };
    let status = client.create_product(rig.actors.staff(EDITOR, nothing)).await.expect_err("empty");
    let told = kit::failure::Told::read(&status);
    let pointers: Vec<_> = told.violations.iter().map(|violation| violation.pointer.as_ref()).collect();
    assert_eq!((told.code.http(), pointers), (400, vec!["/kind", "/sku", "/name", "/price"]));
    Ok(())
}
