//! Reviews are submitted by registered customers, in person, once per subject.
use kit::{
    actor::Kind,
    assertion::{Act, Claims},
    failure::Told,
    ids::{ProductId, StoreId},
    permission::Permission,
};
use proto::reviews::v1::{GetReviewRequest, SubmitReviewRequest};
use testing::actors::keyed;
use tokio::task::JoinSet;
use tonic::Code;

use crate::fair::{Fair, reason, review};

/// RE-1, RE-8: a registered customer reviews a product and the store; the public sees stars, text and a short name.
#[tokio::test]
async fn a_customer_reviews_products_and_stores() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada King Lovelace"), fair.product(fair.rig.actors.store));
    let written = fair.submit(ada, &mug, 5).await?;
    assert_eq!((written.rating, written.content.as_str(), written.version), (5, "Good.", 1));
    assert_eq!((written.author_name.as_str(), written.verified), ("Ada L.", false));
    assert_eq!((written.author.clone(), written.subject.clone()), (ada.to_string(), mug));
    fair.submit(ada, &fair.rig.actors.store.to_string(), 4).await?;

    let request = fair.rig.actors.anonymous(GetReviewRequest { id: written.id.clone() });
    let seen = fair.client.clone().get_review(request).await?.into_inner();
    assert_eq!(seen, written);
    let everything = format!("{seen:?}");
    assert!(!everything.contains("ada@example.com") && !everything.contains("+49301234567"));
    assert_eq!(fair.published("ReviewSubmitted").await?, 2);
    Ok(())
}

/// RE-1: one review per customer and subject, also when eight come at once.
#[tokio::test]
async fn one_review_per_subject() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let mut race = JoinSet::new();
    for _ in 0..8 {
        let (mut client, request) = (fair.client.clone(), fair.rig.actors.customer(ada, review(&mug, 3)));
        race.spawn(async move { client.submit_review(request).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = race.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for refused in lost {
        let told = Told::read(&refused.expect_err("a second review"));
        assert_eq!((told.code.http(), told.reason.as_str()), (409, "already_reviewed"));
    }
    assert_eq!(fair.published("ReviewSubmitted").await?, 1);
    Ok(())
}

/// PL-3: the same idempotency key answers the same review; another request under it is refused.
#[tokio::test]
async fn a_repeated_request_gets_the_same_answer() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let request = |fingerprint| keyed(fair.rig.actors.customer(ada, review(&mug, 3)), "key", fingerprint);
    let first = fair.client.clone().submit_review(request("a")).await?;
    let again = fair.client.clone().submit_review(request("a")).await?;
    assert!(again.metadata().contains_key("idempotent-replayed"));
    assert_eq!(again.into_inner(), first.into_inner());
    assert_eq!(reason(fair.client.clone().submit_review(request("b")).await), "idempotency_mismatch");
    Ok(())
}

/// ID-8, ID-25, ID-30: no review by a guest, a shop front without a customer, staff, or in a customer's name.
#[tokio::test]
async fn only_registered_customers_review_in_person() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let guest = fair.person("Guest", "guest");
    assert_eq!(reason(fair.submit(guest, &mug, 5).await), "registration_required");

    let actors = &fair.rig.actors;
    let act = Act { kind: Kind::Staff, sub: "stf_1".into(), session: "ses_1".into(), reason: "help".into() };
    let impersonated = Claims { act: Some(act), ..actors.claims(Kind::Customer, ada) };
    for (request, code, slug) in [
        (actors.anonymous(review(&mug, 5)), Code::Unauthenticated, "unauthenticated"),
        (actors.staff(Permission::ALL, review(&mug, 5)), Code::PermissionDenied, "wrong_caller"),
        (actors.request(&impersonated, review(&mug, 5)), Code::PermissionDenied, "impersonation"),
    ] {
        let refused = fair.client.clone().submit_review(request).await.expect_err("refused");
        assert_eq!((refused.code(), Told::read(&refused).reason.as_str()), (code, slug));
    }
    assert_eq!(fair.published("ReviewSubmitted").await?, 0);
    Ok(())
}

/// PL-4: only what is there for the caller can be reviewed.
#[tokio::test]
async fn the_subject_must_be_there() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let ada = fair.customer("Ada");
    let foreign = fair.product(fair.rig.actors.elsewhere().store);
    let now = fair.rig.clock.now();
    for subject in [foreign, ProductId::new(now).into(), StoreId::new(now).into()] {
        assert_eq!(reason(fair.submit(ada, &subject, 5).await), "subject_not_found");
    }
    Ok(())
}

/// RE-1: all faults are told at once, each by its field.
#[tokio::test]
async fn faults_are_told() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let ada = fair.customer("Ada");
    let request = SubmitReviewRequest { subject: "ord_1".to_owned(), rating: 6, content: "x".repeat(5_001) };
    let refused = fair.client.clone().submit_review(fair.rig.actors.customer(ada, request)).await;
    let told = Told::read(&refused.expect_err("malformed"));
    let faults: Vec<_> = told.violations.iter().map(|fault| (fault.pointer.as_ref(), fault.code.as_ref())).collect();
    assert_eq!(faults, [("/subject", "malformed"), ("/rating", "out_of_range"), ("/content", "too_long")]);
    assert_eq!(reason(fair.submit(ada, "", 0).await), "invalid");
    Ok(())
}

/// RE-6, PL-2: of orders that are heard of together each one counts, once, for whoever placed it.
#[tokio::test]
async fn what_is_bought_together_counts_for_each() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, bob) = (fair.customer("Ada"), fair.customer("Bob"));
    let [mug, jug] = [0, 1].map(|_| fair.product(fair.rig.actors.store));
    fair.buy(ada, &mug).await?;
    fair.buy_all(&[(bob, &jug), (ada, &mug), (bob, &jug), (ada, &jug)]).await?;
    for (author, product, bought) in [(ada, &mug, true), (ada, &jug, true), (bob, &jug, true), (bob, &mug, false)] {
        assert_eq!(fair.submit(author, product, 5).await?.verified, bought, "{author} {product}");
    }
    let known = "select count(*) from purchases";
    assert_eq!(sqlx::query_scalar::<_, i64>(known).fetch_one(fair.db.pool()).await?, 5, "with the store of each");
    Ok(())
}

/// RE-6: a review is verified when its author bought the subject, before or after writing.
#[tokio::test]
async fn a_purchase_verifies() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, eve) = (fair.customer("Ada"), fair.customer("Eve"));
    let (mug, pot) = (fair.product(fair.rig.actors.store), fair.product(fair.rig.actors.store));
    fair.buy(ada, &mug).await?;
    fair.buy(ada, &mug).await?;
    assert!(fair.submit(ada, &mug, 5).await?.verified);
    assert!(fair.submit(ada, &fair.rig.actors.store.to_string(), 5).await?.verified);
    assert!(!fair.submit(ada, &pot, 5).await?.verified);
    let early = fair.submit(eve, &mug, 1).await?;
    assert!(!early.verified);
    fair.buy(eve, &mug).await?;
    let now = fair.client.clone().get_review(fair.rig.actors.anonymous(GetReviewRequest { id: early.id })).await?;
    assert!(now.into_inner().verified);
    Ok(())
}
