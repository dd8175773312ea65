//! The default search: what is looked for, and where.
use kit::{failure::Violation, ids::CustomerId};

/// Where somebody with customers.pii searches.
const PERSONAL: [&str; 4] = ["name", "email", "phone", "username"];
/// Where everybody else does, so that a search tells nothing about a person (ID-23).
const IMPERSONAL: [&str; 3] = ["id", "username", "order_number"];
/// Letters or digits in a row that an index of three-letter pieces needs.
const PIECE: usize = 3;

/// Something to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    text: String,
    pii: bool,
}

impl Search {
    /// Reads what was typed; `None` when nothing was.
    pub fn parse(text: &str, pii: bool) -> Result<Option<Self>, Violation> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > 200 {
            return Err(Violation::new("/q", "too_long", "search for at most 200 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Violation::new("/q", "malformed", "a search has no control characters"));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let search = Self { text, pii };
        // No index holds punctuation alone, and everybody would have to be looked through.
        if run(&search.text) == 0 {
            return Err(Violation::new("/q", "too_vague", "search for at least one letter or digit"));
        }
        Ok(Some(search))
    }

    /// Whether personal fields are searched.
    #[must_use]
    pub const fn is_personal(&self) -> bool {
        self.pii
    }

    /// Names of the fields that are searched.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let fields: &[&str] = if self.pii { &PERSONAL } else { &IMPERSONAL };
        fields.iter().map(|field| (*field).to_owned()).collect()
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pattern for `like`: anywhere, or for less than three letters, which no index finds, at the start of a word.
    #[must_use]
    pub fn pattern(&self) -> String {
        pattern(&self.text)
    }

    /// The id it is, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<CustomerId> {
        self.text.parse().ok()
    }
}

/// The longest row of letters and digits.
fn run(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric()).map(|run| run.chars().count()).max().unwrap_or(0)
}

/// The pattern for `like` of a part: anywhere, or for less than three letters, which no index finds, at the start of a word.
#[must_use]
pub fn pattern(part: &str) -> String {
    let text = escape(part);
    if run(part) >= PIECE { format!("%{text}%") } else { format!("% {text}%") }
}

/// `text` with nothing in it that `like` takes for a wildcard.
#[must_use]
pub fn escape(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '\\' | '%' | '_').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str) -> Search {
        Search::parse(text, true).expect("readable").expect("something")
    }

    /// CU-5: wildcards are letters like any other.
    #[test]
    fn wildcards_are_escaped() {
        assert_eq!(search("100%_\\").pattern(), "%100\\%\\_\\\\%");
    }

    #[test]
    fn short_texts_are_beginnings_of_words() {
        assert_eq!(search("jo").pattern(), "% jo%");
        assert_eq!(search("  jo \t an ").pattern(), "% jo an%");
        assert_eq!(search("joan").pattern(), "%joan%");
    }

    /// CU-5: what no index could find is refused, not half searched.
    #[test]
    fn punctuation_alone_is_refused() {
        for vague in ["@", "% _", "(-)", "\u{1f389}"] {
            let refused = Search::parse(vague, true).expect_err(vague);
            assert_eq!((refused.pointer.as_ref(), refused.code.as_ref()), ("/q", "too_vague"));
        }
        assert!(["7", "é", "@a", "漢"].into_iter().all(|text| matches!(Search::parse(text, false), Ok(Some(_)))));
    }

    #[test]
    fn nothing_typed_is_no_search() {
        assert_eq!(Search::parse(" \n", true), Ok(None));
        assert!(Search::parse("a\0b", true).is_err());
        assert!(Search::parse(&"a".repeat(201), true).is_err());
    }
}
