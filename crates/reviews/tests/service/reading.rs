//! Lists and counts.
use chrono::TimeDelta;
use kit::{
    failure::Told,
    ids::{CustomerId, StoreId},
    permission::Permission,
};
use proto::{
    base::v1::PageRequest,
    reviews::v1::{CountReviewsRequest, GetReviewRequest, ListReviewsRequest, Review},
};
use tonic::{Code, Request, Status};

use crate::fair::{Fair, reason};

async fn list(fair: &Fair, request: Request<ListReviewsRequest>) -> Result<Vec<Review>, Status> {
    Ok(fair.client.clone().list_reviews(request).await?.into_inner().reviews)
}

fn of(subject: &str, sort: &str) -> ListReviewsRequest {
    ListReviewsRequest { subject: subject.to_owned(), sort: sort.to_owned(), ..ListReviewsRequest::default() }
}

/// A product with the ratings 3, 5, 1, 5, written a second apart.
async fn rated(fair: &Fair) -> anyhow::Result<String> {
    let mug = fair.product(fair.rig.actors.store);
    for rating in [3, 5, 1, 5] {
        fair.rig.clock.advance(TimeDelta::seconds(1));
        fair.submit(fair.customer("Ada"), &mug, rating).await?;
    }
    Ok(mug)
}

/// RE-2: newest, oldest, highest and lowest first; among equals the newest.
#[tokio::test]
async fn reviews_are_sorted() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    let all = list(&fair, fair.rig.actors.anonymous(of(&mug, ""))).await?;
    let newest: Vec<_> = all.iter().map(|review| review.id.clone()).collect();
    for (sort, ratings, order) in [
        ("newest", [5, 1, 5, 3], [0, 1, 2, 3]),
        ("oldest", [3, 5, 1, 5], [3, 2, 1, 0]),
        ("highest", [5, 5, 3, 1], [0, 2, 3, 1]),
        ("lowest", [1, 3, 5, 5], [1, 3, 0, 2]),
    ] {
        let sorted = list(&fair, fair.rig.actors.anonymous(of(&mug, sort))).await?;
        assert_eq!(sorted.iter().map(|review| review.rating).collect::<Vec<_>>(), ratings, "{sort}");
        assert_eq!(sorted.iter().map(|r| r.id.clone()).collect::<Vec<_>>(), order.map(|i| newest[i].clone()));
    }
    let slice = ListReviewsRequest { limit: 2, offset: 1, ..of(&mug, "newest") };
    let slice = list(&fair, fair.rig.actors.anonymous(slice)).await?;
    assert_eq!(slice.iter().map(|review| review.id.clone()).collect::<Vec<_>>(), newest[1..3]);
    Ok(())
}

/// Walks through a list by pages of `limit`, there and back again.
async fn walk(fair: &Fair, sort: &str, subject: &str, limit: u32) -> anyhow::Result<Vec<String>> {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut page = PageRequest { limit, ..PageRequest::default() };
    let turned = loop {
        let request = ListReviewsRequest { page: Some(page), ..of(subject, sort) };
        let found = fair.client.clone().list_reviews(fair.rig.actors.anonymous(request)).await?.into_inner();
        there.extend(found.reviews.into_iter().map(|review| review.id));
        let place = found.page.unwrap_or_default();
        if place.next.is_empty() {
            break place.prev;
        }
        page = PageRequest { limit, after: place.next, ..PageRequest::default() };
    };
    let mut before = turned;
    while !before.is_empty() {
        let page = PageRequest { limit, before, ..PageRequest::default() };
        let request = ListReviewsRequest { page: Some(page), ..of(subject, sort) };
        let found = fair.client.clone().list_reviews(fair.rig.actors.anonymous(request)).await?.into_inner();
        back.splice(0..0, found.reviews.into_iter().map(|review| review.id));
        before = found.page.unwrap_or_default().prev;
    }
    let last = back.len();
    assert_eq!(back, there[..last], "{sort}");
    assert!(there.len() - last <= limit as usize, "{sort}");
    Ok(there)
}

/// RE-2: pages go on after the last row that was shown, in every order, forward and backward.
#[tokio::test]
async fn reviews_are_read_by_pages() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    for rating in [5, 1, 3, 3] {
        fair.submit(fair.customer("Eve"), &mug, rating).await?;
    }
    for sort in ["newest", "oldest", "highest", "lowest"] {
        let whole = list(&fair, fair.rig.actors.anonymous(of(&mug, sort))).await?;
        let whole: Vec<_> = whole.into_iter().map(|review| review.id).collect();
        for limit in [1, 3, 8] {
            assert_eq!(walk(&fair, sort, &mug, limit).await?, whole, "{sort} by {limit}");
        }
    }
    Ok(())
}

/// RE-2: what is written or deleted while somebody reads neither repeats nor hides a row; a cursor is good for its own
/// list only.
#[tokio::test]
async fn pages_do_not_shift() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    let whole = list(&fair, fair.rig.actors.anonymous(of(&mug, ""))).await?;
    let ask = async |sort: &str, page: PageRequest| {
        let request = ListReviewsRequest { page: Some(page), ..of(&mug, sort) };
        fair.client.clone().list_reviews(fair.rig.actors.anonymous(request)).await
    };
    let first = PageRequest { limit: 2, total: true, ..PageRequest::default() };
    let first = ask("", first).await?.into_inner().page.unwrap_or_default();
    assert_eq!(first.total, "4");
    fair.rig.clock.advance(TimeDelta::seconds(1));
    fair.submit(fair.customer("Eve"), &mug, 2).await?;
    let next = PageRequest { limit: 2, after: first.next, ..PageRequest::default() };
    let second = ask("", next.clone()).await?.into_inner().reviews;
    let ids = |reviews: &[Review]| reviews.iter().map(|review| review.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&second), ids(&whole[2..]));
    let foreign = ask("oldest", next).await.expect_err("a cursor of another order");
    assert_eq!(Told::read(&foreign).violations[0].code, "bad_cursor");
    Ok(())
}

/// RE-2: by author, alone or together with a subject.
#[tokio::test]
async fn reviews_are_listed_by_author() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    let eve = fair.customer("Eve");
    fair.submit(eve, &mug, 2).await?;
    fair.submit(eve, &fair.rig.actors.store.to_string(), 4).await?;
    let by = |author: CustomerId, subject: &str| ListReviewsRequest { author: author.into(), ..of(subject, "") };
    assert_eq!(list(&fair, fair.rig.actors.anonymous(by(eve, ""))).await?.len(), 2);
    assert_eq!(list(&fair, fair.rig.actors.customer(eve, by(eve, &mug))).await?.len(), 1);
    assert!(list(&fair, fair.rig.actors.anonymous(by(fair.customer("Bob"), &mug))).await?.is_empty());
    Ok(())
}

/// RE-2: how many of each rating, and their mean; of the store itself when no subject is named.
#[tokio::test]
async fn ratings_are_counted() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    let count = |subject: &str| {
        let request = fair.rig.actors.anonymous(CountReviewsRequest { subject: subject.to_owned() });
        let mut client = fair.client.clone();
        async move { anyhow::Ok(client.count_reviews(request).await?.into_inner()) }
    };
    let mugs = count(&mug).await?;
    assert_eq!((1..=5).map(|stars| mugs.ratings[&stars]).collect::<Vec<_>>(), [1, 0, 1, 0, 2]);
    assert_eq!(mugs.average_hundredths, 350);
    assert_eq!((count("").await?.ratings.values().sum::<i64>(), count("").await?.average_hundredths), (0, 0));
    fair.submit(fair.customer("Eve"), &fair.rig.actors.store.to_string(), 4).await?;
    assert_eq!(count("").await?.average_hundredths, 400);
    Ok(())
}

/// What a list cannot be is refused, by its field.
#[tokio::test]
async fn faults_are_told() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let subject = fair.rig.actors.store.to_string();
    for (request, pointer) in [
        (of("", ""), "/subject"),
        (of("ord_1", ""), "/subject"),
        (of(&subject, "best"), "/sort"),
        (ListReviewsRequest { author: "ada".to_owned(), ..of(&subject, "") }, "/author"),
        (ListReviewsRequest { limit: 101, ..of(&subject, "") }, "/limit"),
        (ListReviewsRequest { offset: 10_001, ..of(&subject, "") }, "/offset"),
        (ListReviewsRequest { offset: 1, page: Some(PageRequest::default()), ..of(&subject, "") }, "/offset"),
    ] {
        let refused = list(&fair, fair.rig.actors.anonymous(request)).await.expect_err("refused");
        assert_eq!(Told::read(&refused).violations[0].pointer, pointer);
    }
    let edge = ListReviewsRequest { limit: 100, offset: 10_000, ..of(&subject, "") };
    assert!(list(&fair, fair.rig.actors.anonymous(edge)).await?.is_empty());
    Ok(())
}

/// PL-4, ID-30: nothing of another realm is seen; staff need reviews.read and see what their store moderates.
#[tokio::test]
async fn reviews_stay_in_their_realm() -> anyhow::Result<()> {
    let fair = Fair::open().await?;
    let mug = rated(&fair).await?;
    let reader = &[Permission::ReviewsRead];
    let mine = list(&fair, fair.rig.actors.staff(reader, of("", ""))).await?;
    assert_eq!(mine.len(), 4);

    let elsewhere = fair.rig.actors.elsewhere();
    assert!(list(&fair, elsewhere.anonymous(of(&mug, ""))).await?.is_empty());
    assert!(list(&fair, elsewhere.staff(reader, of("", ""))).await?.is_empty());
    let id = GetReviewRequest { id: mine[0].id.clone() };
    assert_eq!(reason(fair.client.clone().get_review(elsewhere.anonymous(id.clone())).await), "review_not_found");
    let count = fair.client.clone().count_reviews(elsewhere.anonymous(CountReviewsRequest { subject: mug })).await?;
    assert_eq!(count.into_inner().ratings.values().sum::<i64>(), 0);

    let mut sister = fair.rig.actors.clone();
    sister.store = StoreId::new(fair.rig.clock.now());
    assert!(list(&fair, sister.staff(reader, of("", ""))).await?.is_empty());
    assert_eq!(reason(fair.client.clone().get_review(sister.staff(reader, id.clone())).await), "review_not_found");
    let refused = fair.client.clone().get_review(fair.rig.actors.staff(&[Permission::OrdersRead], id)).await;
    assert_eq!(refused.expect_err("no permission").code(), Code::PermissionDenied);
    let malformed = GetReviewRequest { id: "rev_1".to_owned() };
    assert_eq!(reason(fair.client.clone().get_review(fair.rig.actors.anonymous(malformed)).await), "review_not_found");
    Ok(())
}
