//! Reviews across the stores of a network.
use kit::{
    actor::Kind,
    assertion::Claims,
    ids::{CustomerId, NetworkId},
    permission::Permission,
};
use proto::reviews::v1::{DeleteReviewRequest, ListReviewsRequest, Review};
use testing::Actors;
use tonic::{Request, Status};

use crate::fair::{Fair, reason, review};

/// A request by a customer who uses the network's own shop front.
fn at_network<T>(actors: &Actors, customer: CustomerId, message: T) -> Request<T> {
    actors.request(&Claims { store: None, ..actors.claims(Kind::Customer, customer) }, message)
}

async fn submit(fair: &Fair, customer: CustomerId, subject: &str) -> Result<Review, Status> {
    let request = at_network(&fair.rig.actors, customer, review(subject, 5));
    Ok(fair.client.clone().submit_review(request).await?.into_inner())
}

/// RE-7: where the network allows it, its members' products and stores are reviewed from everywhere in it.
#[tokio::test]
async fn a_network_may_have_reviews() -> anyhow::Result<()> {
    let (fair, sister) = Fair::of_two(true).await?;
    let (ada, mug) = (fair.customer("Ada"), fair.product(sister.store));
    let written = submit(&fair, ada, &mug).await?;
    assert_eq!(written.store, sister.store.to_string());
    let at_home = fair.submit(ada, &sister.store.to_string(), 4).await?;
    assert_eq!(at_home.store, fair.rig.actors.store.to_string());
    let foreign = fair.product(fair.rig.actors.elsewhere().store);
    assert_eq!(reason(submit(&fair, ada, &foreign).await), "subject_not_found");

    // Whoever sells it moderates it, wherever it was written.
    let all = sister.staff(&[Permission::ReviewsRead], ListReviewsRequest::default());
    assert_eq!(fair.client.clone().list_reviews(all).await?.into_inner().reviews.len(), 2);
    let moderate = sister.staff(&[Permission::ReviewsModerate], DeleteReviewRequest { id: at_home.id });
    fair.client.clone().delete_review(moderate).await?;
    Ok(())
}

/// RE-7: where it does not, only a store's own shop front takes reviews, of that store and what it sells.
#[tokio::test]
async fn a_network_may_have_none() -> anyhow::Result<()> {
    let (fair, sister) = Fair::of_two(false).await?;
    let (ada, mine, hers) = (fair.customer("Ada"), fair.product(fair.rig.actors.store), fair.product(sister.store));
    assert_eq!(reason(submit(&fair, ada, &hers).await), "reviews_disabled");
    assert_eq!(reason(submit(&fair, ada, &sister.store.to_string()).await), "reviews_disabled");
    assert_eq!(reason(fair.submit(ada, &hers, 5).await), "reviews_disabled");
    fair.submit(ada, &mine, 5).await?;
    let foreign = fair.product(fair.rig.actors.elsewhere().store);
    assert_eq!(reason(submit(&fair, ada, &foreign).await), "subject_not_found");
    Ok(())
}

/// PL-4: a network that identity does not know lends its name to nobody.
#[tokio::test]
async fn an_unknown_network_has_no_members() -> anyhow::Result<()> {
    let (fair, sister) = Fair::of_two(true).await?;
    let ada = fair.customer("Ada");
    let mut other = fair.rig.actors.clone();
    other.network = Some(NetworkId::new(fair.rig.clock.now()));
    let request = at_network(&other, ada, review(&fair.product(sister.store), 5));
    assert_eq!(reason(fair.client.clone().submit_review(request).await), "subject_not_found");
    Ok(())
}
