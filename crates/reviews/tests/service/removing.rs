//! Reviews are deleted by their author or a moderator.
use kit::{
    actor::Kind,
    assertion::{Act, Claims},
    failure::Told,
    ids::StoreId,
    permission::Permission,
};
use proto::reviews::v1::{DeleteReviewRequest, GetReviewRequest, Review};
use testing::actors::if_match;
use tonic::{Request, Status};

use crate::fair::{Fair, reason};

const MODERATOR: &[Permission] = &[Permission::ReviewsModerate];

async fn delete(fair: &Fair, request: Request<DeleteReviewRequest>) -> Result<Review, Status> {
    Ok(fair.client.clone().delete_review(request).await?.into_inner())
}

fn id(review: &Review) -> DeleteReviewRequest {
    DeleteReviewRequest { id: review.id.clone() }
}

/// RE-4: the author deletes their own and gets it as it was; then it is gone and another may be written.
#[tokio::test]
async fn an_author_deletes_their_own() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let review = fair.submit(ada, &mug, 2).await?;
    assert_eq!(delete(&fair, fair.rig.actors.customer(ada, id(&review))).await?, review);
    let gone = GetReviewRequest { id: review.id.clone() };
    assert_eq!(reason(fair.client.clone().get_review(fair.rig.actors.anonymous(gone)).await), "review_not_found");
    assert_eq!(reason(delete(&fair, fair.rig.actors.customer(ada, id(&review))).await), "review_not_found");
    assert_eq!(fair.published("ReviewDeleted").await?, 1);
    fair.submit(ada, &mug, 5).await?;
    Ok(())
}

/// RE-4, ID-30: nobody else's, without the permission, from another store or realm, or in the author's name (ID-25).
#[tokio::test]
async fn nobody_else_deletes_it() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let review = fair.submit(ada, &mug, 2).await?;
    let actors = &fair.rig.actors;
    let mut sister = actors.clone();
    sister.store = StoreId::new(fair.rig.clock.now());
    let act = Act { kind: Kind::Staff, sub: "stf_1".into(), session: "ses_1".into(), reason: "help".into() };
    let impersonated = Claims { act: Some(act), ..actors.claims(Kind::Customer, ada) };
    for (request, slug) in [
        (actors.customer(fair.customer("Eve"), id(&review)), "review_not_found"),
        (actors.elsewhere().customer(ada, id(&review)), "review_not_found"),
        (actors.elsewhere().staff(MODERATOR, id(&review)), "review_not_found"),
        (sister.staff(MODERATOR, id(&review)), "review_not_found"),
        (actors.staff(&[Permission::ReviewsRead], id(&review)), "permission_required"),
        (actors.anonymous(id(&review)), "unauthenticated"),
        (actors.request(&impersonated, id(&review)), "impersonation"),
    ] {
        assert_eq!(reason(delete(&fair, request).await), slug);
    }
    assert_eq!(fair.published("ReviewDeleted").await?, 0);
    // Without customers.pii the author's name is masked (ID-23).
    let deleted = delete(&fair, actors.staff(MODERATOR, id(&review))).await?;
    assert_eq!(deleted, Review { author_name: "A***".to_owned(), ..review });
    Ok(())
}

/// PL-3: If-Match is honoured, and two who delete at once do it once.
#[tokio::test]
async fn a_review_is_deleted_once() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(fair.rig.actors.store));
    let review = fair.submit(ada, &mug, 2).await?;
    let request = || fair.rig.actors.customer(ada, id(&review));
    let told = Told::read(&delete(&fair, if_match(request(), 7)).await.expect_err("stale"));
    assert_eq!((told.code.http(), told.facts["current_version"].as_str()), (412, "1"));
    let both = tokio::join!(delete(&fair, if_match(request(), 1)), delete(&fair, request()));
    assert!(both.0.is_ok() != both.1.is_ok());
    assert_eq!(fair.published("ReviewDeleted").await?, 1);
    Ok(())
}
