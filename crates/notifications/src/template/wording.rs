//! Texts of other people within our sentences: on one line, and in their own direction.
use std::borrow::Cow;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// `text` without control characters, so that nobody adds lines or headers, and without marks that change the
/// direction of what follows.
#[must_use]
pub fn clean(text: &str) -> String {
    let mark =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| !mark(*c)).map(|c| if c.is_control() { ' ' } else { c });
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` for the middle of a left-to-right sentence: one written from right to left is isolated, so that numbers and
/// punctuation around it stay where they are.
#[must_use]
pub fn isolate(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_right_to_left) {
        format!("{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}").into()
    } else {
        text.into()
    }
}

/// Hebrew, Arabic and their neighbours.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// NO-3: a name cannot add lines to a text or headers to a mail, nor turn the text around it.
    #[test]
    fn names_stay_within_their_line() {
        assert_eq!(clean("Ada\r\nBcc: all@example.com\u{202e}"), "Ada Bcc: all@example.com");
        assert_eq!(isolate("Ada"), "Ada");
        assert_eq!(isolate("שלום"), "\u{2068}שלום\u{2069}");
    }

    proptest! {
        #[test]
        fn whatever_is_cleaned_is_one_line(text in any::<String>()) {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.chars().any(char::is_control));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
