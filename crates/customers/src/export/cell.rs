//! What stands in a cell.
use chrono::{DateTime, SecondsFormat, Utc};

/// Longest text of a cell, as spreadsheets take it.
const LONGEST: usize = 32_767;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text, never a formula.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A moment.
    Moment(DateTime<Utc>),
    /// Nothing.
    Nothing,
}

impl Cell {
    /// A text, or nothing without any.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Nothing } else { Self::Text(text.chars().take(LONGEST).collect()) }
    }

    /// A moment, if it has come.
    pub fn moment(at: Option<&prost_types::Timestamp>) -> Self {
        at.and_then(kit::clock::datetime).map_or(Self::Nothing, Self::Moment)
    }

    /// As people and programs read it.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Moment(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            Self::Nothing => String::new(),
        }
    }

    /// The same where a spreadsheet would take a text, or what it takes for a cell of it, for a formula (EX-3).
    pub fn defused(&self) -> String {
        match self {
            Self::Text(text) => defused(text),
            cell => cell.plain(),
        }
    }
}

/// `text` with an apostrophe wherever a spreadsheet would run what follows: in front, and behind the separators at which
/// one of another country splits it into cells.
fn defused(text: &str) -> String {
    let cells = text.split_inclusive([';', ',', '|', '\t', '\r', '\n']);
    let safe: String = cells.flat_map(|cell| [if is_formula(cell) { "'" } else { "" }, cell]).collect();
    if text.starts_with(['\t', '\r', '\n']) { format!("'{safe}") } else { safe }
}

/// Whether a spreadsheet runs the cell, or does so once somebody takes the space or the quotes in front away.
fn is_formula(cell: &str) -> bool {
    let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !cell.starts_with('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-3: what a spreadsheet would run as a formula is a text; numbers stay numbers.
    #[test]
    fn formulas_are_defused() {
        for dangerous in ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "＝1"] {
            assert_eq!(Cell::text(dangerous).defused(), format!("'{dangerous}"));
        }
        for (given, safe) in [
            ("Lamp;=1+1", "Lamp;'=1+1"),
            ("a,b; @x|-1", "a,b;' @x|'-1"),
            ("one\n=two", "one\n'=two"),
            ("a;\"=1", "a;'\"=1"),
        ] {
            assert_eq!(Cell::text(given).defused(), safe);
        }
        assert_eq!((Cell::Number(-5).defused().as_str(), Cell::text("Ada = 1").defused().as_str()), ("-5", "Ada = 1"));
        assert_eq!((Cell::text(""), Cell::Nothing.defused()), (Cell::Nothing, String::new()));
        assert_eq!(Cell::text("x".repeat(40_000)).plain().len(), LONGEST);
    }
}
