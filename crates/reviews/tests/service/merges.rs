//! Reviews of customers who were merged.
use chrono::TimeDelta;
use proto::reviews::v1::GetReviewRequest;
use reviews::consumer::Events;
use testing::merges::{hear, merged, steps};

use crate::fair::{Fair, reason};

/// CU-13, RE-1, RE-6: reviews move and are verified by what either bought; of two of the same thing the newer one stays.
#[tokio::test]
async fn reviews_follow_a_merge() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let events = Events { clock: fair.rig.clock.clone() };
    let (kept, gone) = (fair.customer("Ada"), fair.customer("Ada"));
    let [mug, jug, cup] = [0, 1, 2].map(|_| fair.product(fair.rig.actors.store));
    let old = fair.submit(kept, &mug, 1).await?;
    fair.rig.clock.advance(TimeDelta::minutes(1));
    let newer = fair.submit(gone, &mug, 5).await?;
    let other = fair.submit(gone, &jug, 4).await?;
    fair.buy(kept, &jug).await?;
    fair.buy(gone, &mug).await?;
    fair.buy(gone, &jug).await?;
    let event = merged(&fair.rig, kept, gone);
    hear(&fair.db, &events, &event).await?;
    hear(&fair.db, &events, &event).await?;
    let read = async |id: &str| {
        let request = fair.rig.actors.anonymous(GetReviewRequest { id: id.to_owned() });
        fair.client.clone().get_review(request).await.map(tonic::Response::into_inner)
    };
    assert_eq!(reason(read(&old.id).await), "review_not_found");
    for review in [&newer, &other] {
        assert!(read(&review.id).await?.verified, "either bought it");
    }
    assert_eq!(fair.published("ReviewDeleted").await?, 1);
    let said = steps(&fair.db).await?;
    assert_eq!((said[1].counts["reviews"], said[1].counts["purchases"], said[1].service.as_str()), (2, 3, "reviews"));
    // Whoever still comes as the one that is gone writes as the kept one, once.
    assert_eq!(reason(fair.submit(gone, &jug, 1).await), "already_reviewed");
    fair.submit(gone, &cup, 3).await?;
    assert_eq!(reason(fair.submit(kept, &cup, 3).await), "already_reviewed");
    Ok(())
}
