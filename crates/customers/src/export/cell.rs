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

    /// The same where a spreadsheet would take a text for a formula (EX-3).
    pub fn defused(&self) -> String {
        match self {
            Self::Text(text) if is_dangerous(text) => format!("'{text}"),
            cell => cell.plain(),
        }
    }
}

/// Whether a spreadsheet runs the text, or does so once somebody takes the space in front away.
fn is_dangerous(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
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
        assert_eq!((Cell::Number(-5).defused().as_str(), Cell::text("Ada = 1").defused().as_str()), ("-5", "Ada = 1"));
        assert_eq!((Cell::text(""), Cell::Nothing.defused()), (Cell::Nothing, String::new()));
        assert_eq!(Cell::text("x".repeat(40_000)).plain().len(), LONGEST);
    }
}
