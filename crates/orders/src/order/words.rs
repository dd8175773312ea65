//! What staff write about an order, in one line or several.
use kit::failure::Violation;

/// Longest remark or reason, in characters.
pub const REASON: usize = 500;
/// Longest note, in characters.
pub const NOTE: usize = 4_000;

/// `given`, which may have several lines and at most `longest` characters.
pub fn several(pointer: &'static str, given: &str, longest: usize, faults: &mut Vec<Violation>) -> String {
    let text = given.trim();
    if text.chars().count() > longest {
        faults.push(Violation::new(pointer, "too_long", format!("at most {longest} characters")));
    } else if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\t')) {
        faults.push(Violation::new(pointer, "malformed", "only line breaks and tabs go between the words"));
    }
    text.to_owned()
}

/// The same, and there must be something.
pub fn needed(pointer: &'static str, given: &str, faults: &mut Vec<Violation>) -> String {
    let text = several(pointer, given, REASON, faults);
    if text.is_empty() {
        faults.push(Violation::new(pointer, "required", "say why"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_limits() {
        let codes = |given: &str| {
            let mut faults = Vec::new();
            needed("/reason", given, &mut faults);
            faults.into_iter().map(|fault| fault.code).collect::<Vec<_>>()
        };
        assert_eq!(codes("Broken.\n\tTwice."), Vec::<&str>::new());
        assert_eq!(codes(&"ä".repeat(REASON)), Vec::<&str>::new());
        assert_eq!(codes(&"ä".repeat(REASON + 1)), ["too_long"]);
        assert_eq!(codes(" \n "), ["required"]);
        assert_eq!(codes("a\0b"), ["malformed"]);
    }
}
