//! Bundles and combos, and products that go.
use proto::catalog::v1::{CreateProductRequest, Product, UpdateProductRequest};
use testing::actors::if_match;

use crate::counter::{Counter, EDITOR, pointers, reason, song};

/// CA-1: a bundle holds digital products of its own store, each once; nothing else does.
#[tokio::test]
async fn a_bundle_holds_digital_products_of_its_store() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let (one, two) = (counter.create(song("ONE")).await?, counter.create(song("TWO")).await?);
    let mug = CreateProductRequest { kind: "physical".to_owned(), ..song("MUG") };
    let mug = counter.create(mug).await?;
    let album = counter.bundle("ALBUM", &[&one.id, &two.id]).await?;
    assert_eq!((&*album.package, &album.contents), ("bundle", &vec![one.id.clone(), two.id.clone()]));
    let foreign = counter.elsewhere.staff(EDITOR, song("ONE"));
    let foreign = counter.client.clone().create_product(foreign).await?.into_inner();
    let bad = [&*mug.id, &*foreign.id, "prd_1", &*two.id, &*two.id];
    let status = counter.fill(&album, &bad).await.expect_err("no such contents");
    assert_eq!(pointers(&status), ["/contents/2", "/contents/4"]);
    let status = counter.fill(&album, &bad[..2]).await.expect_err("not digital, not of this store");
    assert_eq!(reason(&status), "unsuited");
    let status = counter.fill(&one, &[&two.id]).await.expect_err("a file");
    assert_eq!(reason(&status), "unsuited");
    let shrink = UpdateProductRequest { id: album.id, package: Some("file".to_owned()), ..Default::default() };
    assert_eq!(reason(&counter.update(shrink).await.expect_err("still filled")), "unsuited");
    Ok(())
}

/// CA-1: no product is inside itself, however deep, and products are inside one another three levels deep at most, whether
/// that is asked for from above or from below.
#[tokio::test]
async fn contents_are_three_deep_and_no_circle() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let file = counter.create(song("FILE")).await?;
    let one = counter.bundle("ONE", &[&file.id]).await?;
    let two = counter.bundle("TWO", &[&one.id]).await?;
    let three = counter.bundle("THREE", &[&two.id]).await?;
    assert_eq!(reason(&counter.bundle("FOUR", &[&three.id]).await.expect_err("four")), "contents_too_deep");
    let wide = counter.bundle("WIDE", &[]).await?;
    let inner = counter.bundle("INNER", &[&file.id]).await?;
    counter.fill(&wide, &[&inner.id, &file.id]).await?;
    assert_eq!(reason(&counter.fill(&one, &[&wide.id]).await.expect_err("from below")), "contents_too_deep");
    for (product, inside) in [(&one, &one), (&one, &two), (&one, &three), (&two, &three)] {
        let status = counter.fill(product, &[&inside.id]).await.expect_err("a circle");
        assert_eq!(reason(&status), "contents_circular", "{} in {}", inside.sku, product.sku);
    }
    Ok(())
}

/// CA-1: two that would put themselves into each other at once make no circle: one of them is refused.
#[tokio::test]
async fn two_at_once_make_no_circle() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    for round in 0..5 {
        let left = counter.bundle(&format!("LEFT-{round}"), &[]).await?;
        let right = counter.bundle(&format!("RIGHT-{round}"), &[]).await?;
        let into = |product: &Product, inside: &Product| {
            let (product, inside) = (product.clone(), inside.id.clone());
            let counter = &counter;
            async move { counter.fill(&product, &[&inside]).await }
        };
        let (one, two) = tokio::join!(into(&left, &right), into(&right, &left));
        let refused: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["contents_circular"]);
    }
    Ok(())
}

/// CA-1: a product goes when it was never sold and is in no other; the events tell of its life.
#[tokio::test]
async fn what_was_sold_stays() -> anyhow::Result<()> {
    let counter = Counter::open().await?;
    let (song_one, other) = (counter.create(song("ONE")).await?, counter.create(song("TWO")).await?);
    let album = counter.bundle("ALBUM", &[&song_one.id]).await?;
    assert_eq!(reason(&counter.delete(&song_one.id).await.expect_err("inside")), "product_contained");
    counter.fill(&album, &[&other.id]).await?;
    counter.sell(&other).await?;
    counter.sell(&other).await?;
    assert_eq!(reason(&counter.delete(&other.id).await.expect_err("sold")), "product_sold");
    let stale = counter.rig.actors.staff(EDITOR, proto::catalog::v1::DeleteProductRequest { id: song_one.id.clone() });
    let status = counter.client.clone().delete_product(if_match(stale, 7)).await.expect_err("stale");
    assert_eq!(kit::failure::Told::read(&status).code.http(), 412);
    counter.delete(&song_one.id).await?;
    assert_eq!(reason(&counter.delete(&song_one.id).await.expect_err("gone")), "product_not_found");
    let created = ["ProductCreated"; 3];
    assert_eq!(counter.events().await?, [&created[..], &["ProductChanged", "ProductDeleted"]].concat());
    counter.create(song("ONE")).await?;
    Ok(())
}
