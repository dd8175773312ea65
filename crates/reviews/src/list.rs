//! A list of reviews as it was asked for.
use chrono::{DateTime, SecondsFormat, Utc};
use kit::{Error, actor::Actor, failure::Violation, ids::ReviewId, page::Page, permission::Permission};
use proto::reviews::v1 as pb;

use crate::{
    review::{Rating, Review},
    store::Filter,
};

/// Rows of a list when nobody says how many.
const USUAL: u32 = 25;
/// Rows of a list at most.
const MOST: u32 = 100;
/// How far a list can be skipped.
const FARTHEST: u32 = 10_000;

/// Orders of a list (RE-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
    /// Best first, newest first among equals.
    Highest,
    /// Worst first, newest first among equals.
    Lowest,
}

impl Sort {
    fn parse(text: &str) -> Result<Self, Violation> {
        match text {
            "" | "newest" => Ok(Self::Newest),
            "oldest" => Ok(Self::Oldest),
            "highest" => Ok(Self::Highest),
            "lowest" => Ok(Self::Lowest),
            _ => Err(Violation::new("/sort", "unknown", "sort by newest, oldest, highest or lowest")),
        }
    }
}

/// Which reviews, in which order.
pub struct ListReviews {
    /// Which reviews.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Rows wanted and rows skipped, when no page is asked for.
    pub range: (i64, i64),
}

/// A row's place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields that lists are sorted by")]
pub struct Place {
    pub rating: Rating,
    pub created_at: DateTime<Utc>,
    pub id: ReviewId,
}

impl ListReviews {
    /// Reads the request of `actor`: staff see all reviews of their store or network, shop fronts those of a subject or
    /// an author.
    pub fn parse(request: &pb::ListReviewsRequest, actor: &Actor) -> Result<Self, Error> {
        let store = moderated(actor)?;
        let mut faults = Vec::new();
        let filter = Filter {
            realm: actor.realm()?,
            store,
            subject: id(&request.subject, "/subject", &mut faults),
            author: id(&request.author, "/author", &mut faults),
        };
        if !actor.is_staff() && request.subject.is_empty() && request.author.is_empty() {
            faults.push(Violation::new("/subject", "required", "name a subject or an author"));
        }
        let sort = Sort::parse(&request.sort).map_err(|fault| faults.push(fault));
        if request.limit > MOST {
            faults.push(Violation::new("/limit", "out_of_range", "limit must be 1 to 100"));
        }
        if request.offset > FARTHEST {
            faults.push(Violation::new("/offset", "out_of_range", "offset must be at most 10 000"));
        }
        if request.page.is_some() && (request.limit, request.offset) != (0, 0) {
            faults.push(Violation::new("/offset", "exclusive", "ask for a page or for rows to skip"));
        }
        let limit = if request.limit == 0 { USUAL } else { request.limit };
        match sort {
            Ok(sort) if faults.is_empty() => {
                Ok(Self { filter, sort, range: (i64::from(limit), i64::from(request.offset)) })
            }
            _ => Err(Error::Invalid(faults)),
        }
    }

    /// What a cursor is good for.
    #[must_use]
    pub fn context(&self) -> String {
        format!("reviews {:?} {:?}", self.filter, self.sort)
    }
}

impl Place {
    /// The place where `page` goes on.
    pub fn of(page: &Page) -> Result<Option<Self>, Violation> {
        let Some(cursor) = &page.cursor else { return Ok(None) };
        let read = |key: &[String]| {
            let [rating, created_at, id] = key else { return None };
            let rating = Rating::parse(rating.parse().ok()?).ok()?;
            Some(Self { rating, created_at: created_at.parse().ok()?, id: id.parse().ok()? })
        };
        let bad = || Violation::new("/after", "bad_cursor", "this cursor is not valid for this list");
        read(&cursor.key).map(Some).ok_or_else(bad)
    }

    /// The place of `review`, for a cursor.
    #[must_use]
    pub fn key(review: &Review) -> Vec<String> {
        let created_at = review.created_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        vec![review.rating.stars().to_string(), created_at, review.id.to_string()]
    }
}

/// The store whose reviews `actor` is kept to; staff need reviews.read.
pub fn moderated(actor: &Actor) -> Result<Option<kit::ids::StoreId>, Error> {
    if !actor.is_staff() {
        return Ok(None);
    }
    actor.require(Permission::ReviewsRead)?;
    Ok(actor.store)
}

/// The id in `text`; none in an empty one.
fn id<T: std::str::FromStr>(text: &str, pointer: &'static str, faults: &mut Vec<Violation>) -> Option<T> {
    let id = text.parse().ok();
    if id.is_none() && !text.is_empty() {
        faults.push(Violation::new(pointer, "malformed", "this is not an id of that kind"));
    }
    id
}
