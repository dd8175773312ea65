//! What stands in a cell.
use chrono::{DateTime, SecondsFormat, Utc};
use kit::money::Money;
use proto::base::v1::{self as pb, cell::Value};

/// Longest text of a cell, as spreadsheets take it.
const LONGEST: usize = 32_767;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text, never a formula.
    Text(String),
    /// A whole number.
    Number(i64),
    /// An amount, whose currency stands in another cell.
    Amount(Money),
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
            Self::Amount(money) => money.decimal(),
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

impl From<pb::Cell> for Cell {
    /// As another service tells it. An amount of a currency that nobody knows is none.
    fn from(cell: pb::Cell) -> Self {
        match cell.value {
            Some(Value::Text(text)) => Self::text(text),
            Some(Value::Number(number)) => Self::Number(number),
            Some(Value::Amount(amount)) => Money::parse(&amount).map_or(Self::Nothing, Self::Amount),
            Some(Value::At(at)) => Self::moment(Some(&at)),
            None => Self::Nothing,
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

    /// EX-1, CA-11: amounts are decimals, with as many digits as their currency has; below nothing, they are no formula.
    #[test]
    fn amounts_are_decimals() {
        for (amount, code, expected) in [
            (1999, "EUR", "19.99"),
            (-5, "EUR", "-0.05"),
            (1999, "JPY", "1999"),
            (1999, "KWD", "1.999"),
            (-1, "KWD", "-0.001"),
        ] {
            let amount = pb::Money { amount, currency: code.to_owned() };
            let cell = Cell::from(pb::Cell { value: Some(Value::Amount(amount)) });
            assert_eq!((cell.plain().as_str(), cell.defused().as_str()), (expected, expected), "{code}");
        }
        let odd = pb::Money { amount: 1, currency: "XYZ".to_owned() };
        assert_eq!(Cell::from(pb::Cell { value: Some(Value::Amount(odd)) }), Cell::Nothing);
        assert_eq!(Cell::from(pb::Cell { value: None }), Cell::Nothing);
        let told = |value| Cell::from(pb::Cell { value: Some(value) });
        assert_eq!(told(Value::Text("=1".to_owned())).defused(), "'=1");
        assert_eq!((told(Value::Number(-3)), told(Value::Text(String::new()))), (Cell::Number(-3), Cell::Nothing));
        let at = told(Value::At(prost_types::Timestamp { seconds: 60, nanos: 0 }));
        assert_eq!(at.plain(), "1970-01-01T00:01:00Z");
    }
}
