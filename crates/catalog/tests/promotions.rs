//! Offers and vouchers through their client, on a real database (CA-5).
use kit::permission::Permission;
use proto::{
    base::v1::{Money, PageRequest},
    catalog::v1::{
        CreateProductRequest, FindPromotionsRequest, GetPromotionRequest, ListPromotionsRequest, Promotion,
        PromotionTerms, ReplacePromotionRequest, product_service_client::ProductServiceClient,
        promotion_service_client::PromotionServiceClient,
    },
};
use testing::{Rig, actors::if_match};
use tonic::{Code, Request, Status};

type Client = PromotionServiceClient<kit::transport::Transport>;

const EDITOR: &[Permission] = &[Permission::CatalogRead, Permission::CatalogWrite];

async fn rig() -> anyhow::Result<(Rig, Client)> {
    let rig = Rig::new(catalog::NAME, &catalog::MIGRATOR).await?;
    let transport = rig.serve(catalog::service(&rig.env)?, Vec::new())?;
    Ok((rig, Client::new(transport)))
}

fn euros(amount: i64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

fn offer(name: &str) -> PromotionTerms {
    PromotionTerms { name: name.to_owned(), percent: 1_000, active: true, ..Default::default() }
}

fn voucher(code: &str) -> PromotionTerms {
    PromotionTerms { code: code.to_owned(), max_uses: 5, ..offer("Spring") }
}

fn reason(status: &Status) -> String {
    kit::failure::Told::read(status).reason
}

fn named(made: &Promotion) -> GetPromotionRequest {
    GetPromotionRequest { id: made.id.clone(), ..Default::default() }
}

/// The ids that a cart of `store` with `codes` is told of.
async fn found(client: &mut Client, store: &str, codes: &[&str]) -> anyhow::Result<Vec<String>> {
    let codes = codes.iter().map(ToString::to_string).collect();
    let request = FindPromotionsRequest { store: store.to_owned(), codes };
    let found = client.find_promotions(Request::new(request)).await?.into_inner().promotions;
    let mut ids: Vec<_> = found.into_iter().map(|promotion| promotion.id).collect();
    ids.sort();
    Ok(ids)
}

/// CA-5: carts hear of active offers, and of active vouchers by their code, whatever its case.
#[tokio::test]
async fn carts_hear_of_what_counts() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let mut create = async |terms| client.create_promotion(rig.actors.staff(EDITOR, terms)).await;
    let offer_made = create(offer("Ten off")).await?.into_inner();
    let made = create(voucher("spring-10")).await?.into_inner();
    let idle = create(PromotionTerms { active: false, ..voucher("idle") }).await?.into_inner();
    let store = &made.store;
    let mut both = [offer_made.id.clone(), made.id.clone()];
    both.sort();
    assert_eq!(found(&mut client, store, &["SPRING-10", "Idle", "none", "?"]).await?, both);
    assert_eq!(found(&mut client, store, &[]).await?, std::slice::from_ref(&offer_made.id));
    assert!(found(&mut client, &kit::ids::StoreId::new(rig.clock.now()).to_string(), &["SPRING-10"]).await?.is_empty());
    let changed = ReplacePromotionRequest { id: idle.id.clone(), terms: Some(voucher("idle")) };
    client.replace_promotion(rig.actors.staff(EDITOR, changed)).await?;
    client.delete_promotion(rig.actors.staff(EDITOR, named(&offer_made))).await?;
    assert_eq!(found(&mut client, store, &["idle"]).await?, [idle.id]);
    let status = client.find_promotions(rig.actors.staff(EDITOR, FindPromotionsRequest::default())).await;
    assert_eq!(status.expect_err("services only").code(), Code::PermissionDenied);
    Ok(())
}

/// CA-5: a code stands for one voucher of a store, also of two that are added at once.
#[tokio::test]
async fn a_code_is_taken_once() -> anyhow::Result<()> {
    let (rig, client) = rig().await?;
    let (mut one, mut two) = (client.clone(), client.clone());
    let (first, second) = tokio::join!(
        one.create_promotion(rig.actors.staff(EDITOR, voucher("once"))),
        two.create_promotion(rig.actors.staff(EDITOR, voucher("ONCE"))),
    );
    let failures: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(failures.iter().map(reason).collect::<Vec<_>>(), ["code_taken"]);
    let other = one.create_promotion(rig.actors.staff(EDITOR, voucher("other"))).await?.into_inner();
    let renamed = ReplacePromotionRequest { id: other.id, terms: Some(voucher("Once")) };
    let status = one.replace_promotion(rig.actors.staff(EDITOR, renamed)).await.expect_err("taken");
    assert_eq!(reason(&status), "code_taken");
    Ok(())
}

/// CA-5, PL-3: terms are replaced as a whole, at the version that was seen; an offer never becomes a voucher.
#[tokio::test]
async fn terms_are_replaced_as_a_whole() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = client.create_promotion(rig.actors.staff(EDITOR, voucher("a-1"))).await?.into_inner();
    let terms = PromotionTerms { percent: 0, amount: Some(euros(500)), minimum: Some(euros(2_000)), ..voucher("A-1") };
    let request = |terms| ReplacePromotionRequest { id: made.id.clone(), terms: Some(terms) };
    let changed = client.replace_promotion(rig.actors.staff(EDITOR, request(terms.clone()))).await?.into_inner();
    assert_eq!((changed.version, changed.terms.clone()), (2, Some(terms.clone())));
    let same = client.replace_promotion(rig.actors.staff(EDITOR, request(terms.clone()))).await?.into_inner();
    assert_eq!(same.version, 2);
    let stale = if_match(rig.actors.staff(EDITOR, request(voucher("a-2"))), 1);
    assert_eq!(reason(&client.replace_promotion(stale).await.expect_err("stale")), "stale_version");
    let stale = if_match(rig.actors.staff(EDITOR, named(&made)), 1);
    assert_eq!(reason(&client.delete_promotion(stale).await.expect_err("stale")), "stale_version");
    let status = client.replace_promotion(rig.actors.staff(EDITOR, request(offer("no code")))).await;
    assert_eq!(reason(&status.expect_err("another kind")), "promotion_not_found");
    Ok(())
}

/// CA-5: what a promotion names has to be the store's.
#[tokio::test]
async fn a_promotion_is_for_products_of_its_store() -> anyhow::Result<()> {
    let rig = Rig::new(catalog::NAME, &catalog::MIGRATOR).await?;
    let transport = rig.serve(catalog::service(&rig.env)?, Vec::new())?;
    let (mut client, mut products) = (Client::new(transport.clone()), ProductServiceClient::new(transport));
    let product = CreateProductRequest {
        sku: "A-1".to_owned(),
        name: "Mug".to_owned(),
        price: Some(euros(1_999)),
        kind: "physical".to_owned(),
        ..Default::default()
    };
    let product = products.create_product(rig.actors.staff(EDITOR, product)).await?.into_inner();
    let terms = PromotionTerms { products: vec![product.id.clone(), product.id], ..offer("Mugs") };
    let made = client.create_promotion(rig.actors.staff(EDITOR, terms.clone())).await?.into_inner();
    assert_eq!(made.terms.map(|terms| terms.products.len()), Some(1));
    let stranger = kit::ids::ProductId::new(rig.clock.now()).to_string();
    let terms = PromotionTerms { products: vec![stranger], ..terms };
    let status = client.create_promotion(rig.actors.staff(EDITOR, terms)).await.expect_err("foreign product");
    assert_eq!(reason(&status), "unknown_product");
    Ok(())
}

/// ID-22, ID-30, PL-4: reading needs catalog.read, changing catalog.write, and another store's are not found.
#[tokio::test]
async fn whoever_may_not_is_refused() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    let made = client.create_promotion(rig.actors.staff(EDITOR, voucher("a-1"))).await?.into_inner();
    let reader = &[Permission::CatalogRead];
    let replace = || ReplacePromotionRequest { id: made.id.clone(), terms: Some(voucher("b")) };
    for status in [
        client.create_promotion(rig.actors.staff(reader, voucher("b-1"))).await.err(),
        client.replace_promotion(rig.actors.staff(reader, replace())).await.err(),
        client.delete_promotion(rig.actors.staff(reader, named(&made))).await.err(),
        client.get_promotion(rig.actors.anonymous(named(&made))).await.err(),
    ] {
        assert_eq!(status.map(|status| status.code()), Some(Code::PermissionDenied));
    }
    let elsewhere = rig.actors.elsewhere();
    for status in [
        client.get_promotion(elsewhere.staff(EDITOR, named(&made))).await.err(),
        client.delete_promotion(elsewhere.staff(EDITOR, named(&made))).await.err(),
        client
            .get_promotion(rig.actors.staff(EDITOR, GetPromotionRequest { id: "x".into(), ..Default::default() }))
            .await
            .err(),
        client
            .get_promotion(rig.actors.staff(EDITOR, GetPromotionRequest { kind: "offer".into(), ..named(&made) }))
            .await
            .err(),
    ] {
        assert_eq!(status.map(|status| reason(&status)).as_deref(), Some("promotion_not_found"));
    }
    Ok(())
}

/// CA-5: lists go by pages in both directions, and find by part of a name or code.
#[tokio::test]
async fn lists_are_paged_and_searched() -> anyhow::Result<()> {
    let (rig, mut client) = rig().await?;
    for number in 0..5 {
        rig.clock.advance(chrono::TimeDelta::seconds(1));
        client.create_promotion(rig.actors.staff(EDITOR, voucher(&format!("code-{number}")))).await?;
        client.create_promotion(rig.actors.staff(EDITOR, offer(&format!("Offer 10%_{number}")))).await?;
    }
    let mut list = async |kind: &str, query: &str, page| {
        let request = ListPromotionsRequest { kind: kind.to_owned(), query: query.to_owned(), page: Some(page) };
        client.list_promotions(rig.actors.staff(EDITOR, request)).await.map(tonic::Response::into_inner)
    };
    let first = list("voucher", "", PageRequest { limit: 2, total: true, ..Default::default() }).await?;
    let names = |found: &[Promotion]| {
        found.iter().filter_map(|made| made.terms.as_ref()).map(|terms| terms.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first.promotions), ["CODE-4", "CODE-3"]);
    let place = first.page.expect("a place");
    let second = list("voucher", "", PageRequest { limit: 2, after: place.next, ..Default::default() }).await?;
    assert_eq!(names(&second.promotions), ["CODE-2", "CODE-1"]);
    let back = PageRequest { limit: 2, before: second.page.expect("a place").prev, ..Default::default() };
    assert_eq!(names(&list("voucher", "", back).await?.promotions), ["CODE-4", "CODE-3"]);
    assert_eq!(list("offer", "10%_3", PageRequest::default()).await?.promotions.len(), 1);
    assert_eq!(list("offer", "%%", PageRequest::default()).await?.promotions.len(), 0);
    let status = list("gift", "", PageRequest::default()).await.expect_err("no such kind");
    assert_eq!(status.code(), Code::InvalidArgument);
    Ok(())
}
