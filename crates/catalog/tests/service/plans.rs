//! Prices once and by plan, renewal targets, and everything else that can be changed.
use proto::{
    base::v1::{Condition, Filter, filter::Node},
    catalog::v1::{
        BatchGetProductsRequest, CreateProductRequest, GetProductRequest, ListProductsRequest, Plan, Plans,
        RenewalTarget, RenewalTargets, UpdateProductRequest,
    },
};

use crate::counter::{Counter, EDITOR, euros, months, pointers, reason, song, texts};

/// CA-1: a product is sold once, by plan, or both; never neither.
#[tokio::test]
async fn a_product_has_a_price_or_plans() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let by_plan = CreateProductRequest { price: None, plans: vec![months(1, 500), months(12, 5_000)], ..song("PLAN") };
    let made = counter.create(by_plan).await?;
    assert_eq!((made.price.is_none(), made.plans.len(), &*made.currency), (true, 2, "EUR"));
    assert!(made.plans.iter().all(|plan| plan.id.starts_with("plan_")));
    let none = UpdateProductRequest { id: made.id.clone(), plans: Some(Plans::default()), ..Default::default() };
    assert_eq!(reason(&counter.update(none.clone()).await.expect_err("neither")), "unsuited");
    let both = counter.update(UpdateProductRequest { price: Some(euros(2_000)), ..none }).await?;
    assert_eq!(both.plans.iter().map(|plan| plan.active).collect::<Vec<_>>(), [false, false], "retired, not deleted");
    let bare = UpdateProductRequest { id: made.id.clone(), no_price: true, ..Default::default() };
    assert_eq!(reason(&counter.update(bare.clone()).await.expect_err("neither")), "unsuited");
    let plans = vec![Plan { active: true, ..both.plans[1].clone() }];
    let plans = Some(Plans { plans });
    let again = counter.update(UpdateProductRequest { plans, ..bare }).await?;
    assert_eq!((again.price, again.plans[0].active, again.plans[1].active), (None, true, false));
    let dollars = Plan { price: Some(proto::base::v1::Money { amount: 1, currency: "USD".into() }), ..months(1, 1) };
    let request = CreateProductRequest { plans: vec![dollars], ..song("USD") };
    assert_eq!(reason(&counter.create(request).await.expect_err("dollars")), "wrong_currency");
    Ok(())
}

/// CA-1: shoppers see the plans that can be subscribed to, staff and services all of them.
#[tokio::test]
async fn shoppers_see_active_plans() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let plans = vec![months(1, 500), Plan { active: false, ..months(2, 900) }];
    let made = counter.create(CreateProductRequest { plans, ..song("PLAN") }).await?;
    let get = || GetProductRequest { id: made.id.clone() };
    let actors = &counter.rig.actors;
    for (request, seen) in
        [(actors.anonymous(get()), 1), (actors.staff(EDITOR, get()), 2), (actors.system("carts", get()), 2)]
    {
        assert_eq!(counter.client.clone().get_product(request).await?.into_inner().plans.len(), seen);
    }
    Ok(())
}

/// CA-1: renewal targets keep their ids when they are renamed, and staff say whether customers may change theirs.
#[tokio::test]
async fn renewal_targets_keep_their_ids() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let target = |id: &str, name: &str| RenewalTarget { id: id.to_owned(), name: name.to_owned() };
    let renewal_targets = vec![target("", "Server A"), target("", "Server B")];
    let made = counter.create(CreateProductRequest { renewal_targets, ..song("HOST") }).await?;
    assert!(!made.renewal_target_changeable);
    let second = made.renewal_targets[1].id.clone();
    let write = |targets: Vec<RenewalTarget>| UpdateProductRequest {
        id: made.id.clone(),
        renewal_targets: Some(RenewalTargets { targets }),
        renewal_target_changeable: Some(true),
        ..UpdateProductRequest::default()
    };
    let changed = counter.update(write(vec![target(&second, "Server Z"), target("", "Server C")])).await?;
    assert_eq!((&changed.renewal_targets[0], changed.renewal_target_changeable), (&target(&second, "Server Z"), true));
    let bad = vec![target("rtgt_1", "X"), target(&second, "  "), target(&second, "Y")];
    let status = counter.update(write(bad)).await.expect_err("bad targets");
    assert_eq!(pointers(&status), ["/renewal_targets/0/id", "/renewal_targets/1/name", "/renewal_targets/2/id"]);
    Ok(())
}

/// CA-1: everything about a product can be changed, also its SKU unless another product has it; what stays the same is no
/// change.
#[tokio::test]
async fn everything_can_be_changed() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let made = counter.create(song("ONE")).await?;
    counter.create(song("TWO")).await?;
    let change = UpdateProductRequest {
        id: made.id.clone(),
        sku: Some(" UNO ".to_owned()),
        images: Some(texts(&["https://shop.example.com/one.jpg"])),
        package: Some("combo".to_owned()),
        tax_class: Some("reduced".to_owned()),
        ..UpdateProductRequest::default()
    };
    let changed = counter.update(change.clone()).await?;
    let seen = (&*changed.sku, changed.images.len(), &*changed.package, &*changed.tax_class, changed.version);
    assert_eq!(seen, ("UNO", 1, "combo", "reduced", 2));
    assert_eq!(counter.update(change).await?.version, 2);
    let taken = UpdateProductRequest { id: made.id.clone(), sku: Some("TWO".to_owned()), ..Default::default() };
    assert_eq!(reason(&counter.update(taken).await.expect_err("taken")), "sku_taken");
    for (package, class, pointer) in [("", "huge", "/tax_class"), ("box", "zero", "/package")] {
        let odd = UpdateProductRequest {
            id: made.id.clone(),
            package: Some(package.to_owned()),
            tax_class: Some(class.to_owned()),
            ..UpdateProductRequest::default()
        };
        assert_eq!(pointers(&counter.update(odd).await.expect_err("odd")), [pointer]);
    }
    let skus = vec!["UNO".to_owned(), "ONE".to_owned()];
    let by_sku = BatchGetProductsRequest { skus, store: made.store.clone(), ..Default::default() };
    let found = counter.client.clone().batch_get_products(counter.rig.actors.system("carts", by_sku)).await?;
    assert_eq!(found.into_inner().products.iter().map(|product| &product.id).collect::<Vec<_>>(), [&made.id]);
    Ok(())
}

/// CA-1: lists are narrowed down by kind, package, whether they can be bought, plans and price.
#[tokio::test]
async fn lists_are_narrowed_down() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    counter.create(CreateProductRequest { kind: "physical".into(), price: Some(euros(1_000)), ..song("MUG") }).await?;
    counter.create(CreateProductRequest { active: Some(false), ..song("OLD") }).await?;
    counter.create(CreateProductRequest { price: None, plans: vec![months(1, 500)], ..song("PLAN") }).await?;
    counter.bundle("ALBUM", &[]).await?;
    for (field, op, values, expected) in [
        ("kind", "eq", vec!["physical"], vec!["MUG"]),
        ("package", "nin", vec!["bundle"], vec!["MUG", "OLD", "PLAN"]),
        ("package", "in", vec!["bundle", "combo"], vec!["ALBUM"]),
        ("active", "eq", vec!["false"], vec!["OLD"]),
        ("plans", "exists", vec!["true"], vec!["PLAN"]),
        ("plans", "exists", vec!["false"], vec!["ALBUM", "MUG", "OLD"]),
        ("price", "between", vec!["99", "500"], vec!["ALBUM", "OLD", "PLAN"]),
        ("price", "gt", vec!["500"], vec!["MUG"]),
    ] {
        let values = values.into_iter().map(str::to_owned).collect();
        let condition = Condition { field: field.to_owned(), op: op.to_owned(), values };
        let filter = Some(Filter { node: Some(Node::Condition(condition)) });
        let request = ListProductsRequest { filter, sort: vec!["sku".to_owned()], ..Default::default() };
        let found = counter.client.clone().list_products(counter.rig.actors.staff(EDITOR, request)).await?;
        let skus: Vec<_> = found.into_inner().products.into_iter().map(|product| product.sku).collect();
        assert_eq!(skus, expected, "{field} {op}");
    }
    Ok(())
}
