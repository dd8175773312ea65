//! Pages of lists: sealed keyset cursors, bound to the filter, sort and tenant they were made for.
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use proto::base::v1 as pb;

use crate::{failure::Violation, secret::Secrets};

/// Purpose that cursors are sealed for.
const PURPOSE: &str = "cursor";
/// How far totals are counted.
pub const COUNT_CAP: i64 = 10_000;

/// Makes and reads cursors of one service.
#[derive(Clone)]
pub struct Pager(Secrets);

/// A page as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows wanted, 1 to 100.
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// Whether rows are to be counted.
    pub total: bool,
}

/// A row of the list, and which side of it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Whether the rows behind it are wanted, else those in front.
    pub forward: bool,
    /// Values of the sort columns at that row, in text.
    pub key: Vec<String>,
}

impl Page {
    /// Whether rows are read in the list's own direction.
    #[must_use]
    pub fn is_forward(&self) -> bool {
        self.cursor.as_ref().is_none_or(|cursor| cursor.forward)
    }

    /// How many rows to read: one more than wanted tells whether there are more.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

impl Pager {
    /// A maker of cursors.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        Self(secrets.clone())
    }

    /// Reads a request, or says which field is at fault. `context` is everything the list depends on: tenant, filter, sort, search.
    pub fn read(&self, request: Option<&pb::PageRequest>, context: &str) -> Result<Page, Violation> {
        let request = request.cloned().unwrap_or_default();
        let limit = match request.limit {
            0 => 25,
            limit @ 1..=100 => limit,
            _ => return Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 100")),
        };
        let cursor = match (request.after.as_str(), request.before.as_str()) {
            ("", "") => None,
            (after, "") => Some(Cursor { forward: true, key: self.open(after, "/after", context)? }),
            ("", before) => Some(Cursor { forward: false, key: self.open(before, "/before", context)? }),
            _ => return Err(Violation::new("/before", "exclusive", "give either after or before")),
        };
        Ok(Page { limit, cursor, total: request.total })
    }

    /// Cuts the row too many, puts a backward page in order and says where the page stands.
    /// `rows` came in reading direction; `key` gives a row's sort values; `total` as counted up to [`COUNT_CAP`] + 1.
    pub fn finish<T>(
        &self,
        page: &Page,
        mut rows: Vec<T>,
        context: &str,
        key: impl Fn(&T) -> Vec<String>,
    ) -> (Vec<T>, pb::Page) {
        let limit = page.limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if !page.is_forward() {
            rows.reverse();
        }
        let (before, behind) = match &page.cursor {
            None => (false, has_more),
            Some(cursor) if cursor.forward => (true, has_more),
            Some(_) => (has_more, true),
        };
        let seal = |row: Option<&T>, there: bool| match row {
            Some(row) if there => self.seal(&key(row), context),
            _ => String::new(),
        };
        let (next, prev) = (seal(rows.last(), behind), seal(rows.first(), before));
        (rows, pb::Page { has_more, next, prev, total: String::new() })
    }

    /// A cursor of its own kind. Sealed, not only signed: the place in a list sorted by name is somebody's name.
    #[must_use]
    pub fn seal(&self, key: &[String], context: &str) -> String {
        let body = serde_json::to_vec(key).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(self.0.seal(PURPOSE, context.as_bytes(), &body))
    }

    /// What [`Pager::seal`] made a cursor of, or a fault at `pointer`.
    pub fn open(&self, cursor: &str, pointer: &'static str, context: &str) -> Result<Vec<String>, Violation> {
        let bad = || Violation::new(pointer, "bad_cursor", "this cursor is not valid for this list");
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
        let body = self.0.open(PURPOSE, context.as_bytes(), &sealed).map_err(|_| bad())?;
        serde_json::from_slice(&body).map_err(|_| bad())
    }
}

/// A counted total as the API writes it.
#[must_use]
pub fn total(counted: i64) -> String {
    if counted > COUNT_CAP { format!("{COUNT_CAP}+") } else { counted.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pager() -> Pager {
        Pager::new(&Secrets::parse(&"ab".repeat(32)).expect("a root"))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "rows are lent to the pager")]
    fn key(row: &u32) -> Vec<String> {
        vec![row.to_string()]
    }

    fn after(cursor: &str) -> pb::PageRequest {
        pb::PageRequest { limit: 2, after: cursor.to_owned(), ..pb::PageRequest::default() }
    }

    /// API §1: pages go forth and back, and say whether there is more.
    #[test]
    fn pages_go_forth_and_back() -> Result<(), Violation> {
        let pager = pager();
        let first = pager.read(Some(&after("")), "list")?;
        let (rows, place) = pager.finish(&first, vec![1, 2, 3], "list", key);
        assert_eq!((rows, place.has_more, place.prev.as_str()), (vec![1, 2], true, ""));
        let second = pager.read(Some(&after(&place.next)), "list")?;
        assert_eq!(second.cursor, Some(Cursor { forward: true, key: vec!["2".into()] }));
        let (rows, place) = pager.finish(&second, vec![3], "list", key);
        assert_eq!((rows, place.has_more, place.next.as_str()), (vec![3], false, ""));
        let back = pb::PageRequest { limit: 2, before: place.prev, ..pb::PageRequest::default() };
        let back = pager.read(Some(&back), "list")?;
        let (rows, place) = pager.finish(&back, vec![2, 1], "list", key);
        assert_eq!((rows, place.prev.as_str(), place.next.is_empty()), (vec![1, 2], "", false));
        Ok(())
    }

    /// API §1: a cursor is good for its own list only, and only as it was made.
    #[test]
    fn foreign_and_altered_cursors_are_refused() {
        let pager = pager();
        let page = Page { limit: 1, cursor: None, total: false };
        let (_, place) = pager.finish(&page, vec![1, 2], "realm a", key);
        let refused = |cursor: &str, context: &str| pager.read(Some(&after(cursor)), context).is_err();
        assert!(!refused(&place.next, "realm a") && refused(&place.next, "realm b"));
        for altered in ["x", "====", &place.next[1..], &format!("{}A", place.next), "🙂"] {
            assert!(refused(altered, "realm a"), "{altered}");
        }
    }

    #[test]
    fn limits_are_one_to_a_hundred() {
        let limit = |limit| pager().read(Some(&pb::PageRequest { limit, ..Default::default() }), "").map(|p| p.limit);
        assert_eq!((limit(0), limit(1), limit(100)), (Ok(25), Ok(1), Ok(100)));
        assert!(limit(101).is_err() && limit(u32::MAX).is_err());
    }
}
