//! A review: what may be said, and under which name.
use chrono::{DateTime, Utc};
use kit::{
    actor::Actor,
    clock::timestamp,
    failure::Violation,
    ids::{CustomerId, RealmId, ReviewId, StoreId},
    personal::redact,
};
use proto::reviews::v1 as pb;
use uuid::Uuid;

use crate::subject::{Subject, SubjectKind};

/// Longest text, in characters.
pub const LONGEST: usize = 5_000;
/// Longest part of a name that is shown.
const LONGEST_NAME: usize = 40;
/// The name of an author whose own says too much or nothing.
const NAMELESS: &str = "Anonymous";

/// One to five stars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Rating(i16);

impl Rating {
    /// Reads a number of stars.
    pub fn parse(stars: u32) -> Result<Self, Violation> {
        let stars = i16::try_from(stars).ok().filter(|stars| (1..=5).contains(stars));
        stars.map(Self).ok_or_else(|| Violation::new("/rating", "out_of_range", "the rating must be 1 to 5"))
    }

    /// The number of stars.
    #[must_use]
    pub fn stars(self) -> u32 {
        u32::from(self.0.unsigned_abs())
    }
}

/// Reads the text of a review: trimmed, of any lines, without other control characters.
pub fn content(text: &str) -> Result<String, Violation> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Violation::new("/content", "malformed", "the text must not contain control characters"));
    }
    if text.chars().count() > LONGEST {
        return Err(Violation::new("/content", "too_long", "the text must have at most 5 000 characters"));
    }
    Ok(text)
}

/// What the public gets to see of a name: first name and initial, never an e-mail address or a number (RE-8).
#[must_use]
pub fn public_name(name: &str) -> String {
    let telling = |word: &&str| {
        let digits = word.chars().filter(|c| c.is_numeric()).count();
        !word.contains('@') && digits < 3 && word.chars().any(char::is_alphabetic)
    };
    let mut words = name.split_whitespace().filter(telling);
    let Some(first) = words.next() else { return NAMELESS.to_owned() };
    let first: String = first.chars().take(LONGEST_NAME).collect();
    match words.next_back().and_then(|last| last.chars().next()) {
        Some(initial) => format!("{first} {}.", initial.to_uppercase()),
        None => first,
    }
}

/// A review.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's Review")]
pub struct Review {
    pub realm_id: RealmId,
    pub id: ReviewId,
    pub store_id: StoreId,
    pub subject_kind: SubjectKind,
    pub subject_id: Uuid,
    pub author_id: CustomerId,
    pub author_name: String,
    pub rating: Rating,
    pub content: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub verified: bool,
}

impl Review {
    /// What is reviewed.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(self.subject_kind, self.subject_id)
    }
}

impl From<Review> for pb::Review {
    fn from(review: Review) -> Self {
        Self {
            subject: review.subject().to_string(),
            id: review.id.into(),
            realm: review.realm_id.into(),
            store: review.store_id.into(),
            author: review.author_id.into(),
            author_name: review.author_name,
            rating: review.rating.stars(),
            content: review.content,
            verified: review.verified,
            version: review.version,
            created_at: Some(timestamp(review.created_at)),
            updated_at: Some(timestamp(review.updated_at)),
        }
    }
}

impl Review {
    /// As `actor` may see it: staff who may not see personal data do not learn an author's name beside their id (ID-23).
    #[must_use]
    pub fn shown_to(self, actor: &Actor) -> pb::Review {
        let shown = pb::Review::from(self);
        if actor.is_staff() && !actor.sees_pii() { redact(shown) } else { shown }
    }
}

/// How many reviews gave one, two, … five stars, and their mean.
#[must_use]
pub fn tally(counts: &[(Rating, i64)]) -> pb::CountReviewsResponse {
    let of = |stars: u32| counts.iter().filter(|(rating, _)| rating.stars() == stars).map(|(_, count)| count).sum();
    let ratings = (1..=5).map(|stars| (stars, of(stars))).collect();
    let number: i64 = counts.iter().map(|(_, count)| count).sum();
    let stars: i64 = counts.iter().map(|(rating, count)| i64::from(rating.0) * count).sum();
    let mean = (stars * 100 + number / 2).checked_div(number).and_then(|mean| u32::try_from(mean).ok());
    pb::CountReviewsResponse { ratings, average_hundredths: mean.unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RE-8: of the author's name, the public sees the first name and an initial; an e-mail address or a phone number
    /// that somebody gave for a name is not shown.
    #[test]
    fn a_public_name_tells_no_more_than_it_should() {
        for (name, public) in [
            ("Ada Lovelace", "Ada L."),
            ("Ada King Noel lovelace", "Ada L."),
            ("Ada", "Ada"),
            ("  ", "Anonymous"),
            ("ada@example.com", "Anonymous"),
            ("Ada ada@example.com", "Ada"),
            ("+49 30 123456", "Anonymous"),
            ("مريم حسن", "مريم ح."),
        ] {
            assert_eq!(public_name(name), public);
        }
    }

    /// RE-1: 1 to 5 stars, optional text of at most 5 000 characters, of any script, in several lines.
    #[test]
    fn what_may_be_said() {
        assert!(Rating::parse(0).is_err() && Rating::parse(6).is_err() && Rating::parse(u32::MAX).is_err());
        assert_eq!(content("  good\r\n☕ 素晴らしい \n").as_deref(), Ok("good\n☕ 素晴らしい"));
        assert_eq!(content("").as_deref(), Ok(""));
        assert_eq!(content("bell\u{7}").map_err(|v| v.code), Err("malformed".into()));
        assert_eq!(content(&"é".repeat(LONGEST)).map(|text| text.chars().count()), Ok(LONGEST));
        assert_eq!(content(&"é".repeat(LONGEST + 1)).map_err(|v| v.code), Err("too_long".into()));
    }

    proptest! {
        /// RE-2: the counts add up, and the mean lies between the lowest and the highest rating.
        #[test]
        fn the_mean_lies_among_the_ratings(stars in proptest::collection::vec(1_u32..=5, 1..50)) {
            let counts: Vec<_> = stars.iter().map(|stars| (Rating::parse(*stars).expect("in range"), 1)).collect();
            let tally = tally(&counts);
            prop_assert_eq!(tally.ratings.values().sum::<i64>(), i64::try_from(stars.len()).expect("a few"));
            let (low, high) = (stars.iter().min().copied().unwrap_or(0), stars.iter().max().copied().unwrap_or(0));
            prop_assert!((low * 100..=high * 100).contains(&tally.average_hundredths));
        }
    }

    /// RE-2: without reviews there is no mean, and every rating counts zero.
    #[test]
    fn nothing_is_counted_as_nothing() {
        let tally = tally(&[]);
        assert_eq!((tally.average_hundredths, tally.ratings.len()), (0, 5));
    }
}
