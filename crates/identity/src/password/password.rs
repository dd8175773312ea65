//! A password as it is compared: in one Unicode form, whatever the keyboard made of it.
use std::{collections::HashSet, fmt, sync::LazyLock};

use kit::failure::Violation;
use unicode_normalization::UnicodeNormalization;

/// The most used passwords of at least eight characters, in small letters: the list that Django maintains for its
/// `CommonPasswordValidator` (5.2, BSD-3-Clause, compiled by Royce Williams), with the lists of zxcvbn (MIT).
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());
/// Shortest password of a customer, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in characters.
const LONGEST: usize = 256;
/// No password in any form is this long; what is longer is not worth the work of comparing it.
const ABSURD: usize = 16 * LONGEST;

/// A password in NFKC. It is never printed.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

impl Password {
    /// A password somebody wants to have: of `shortest` to 256 characters, not common, and none of the `personal`
    /// words that anybody would try first: their e-mail address, the store's name.
    pub fn choose(text: &str, shortest: usize, personal: &[&str]) -> Result<Self, Violation> {
        let fault = |code: &'static str, detail: String| Err(Violation::new("/password", code, detail));
        if text.len() > ABSURD {
            return fault("too_long", format!("at most {LONGEST} characters are allowed"));
        }
        let password = fold(text);
        let (length, lower) = (password.chars().count(), password.to_lowercase());
        if length < shortest {
            return fault("too_short", format!("at least {shortest} characters are needed"));
        }
        if length > LONGEST {
            return fault("too_long", format!("at most {LONGEST} characters are allowed"));
        }
        if COMMON.contains(&*lower) {
            return fault("too_common", "this password is among the first that anybody tries".to_owned());
        }
        if personal.iter().any(|word| guesses(word).any(|guess| guess == lower)) {
            return fault("guessable", "this password can be guessed by anybody who knows your name here".to_owned());
        }
        Ok(Self(password))
    }

    /// A password somebody claims to have.
    #[must_use]
    pub fn given(text: &str) -> Self {
        Self(if text.len() > ABSURD { String::new() } else { fold(text) })
    }

    /// What is hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn fold(text: &str) -> String {
    text.nfkc().collect()
}

/// What somebody would try who knows `word`: it, without spaces, what stands before the `@`, the digits of a number.
fn guesses(word: &str) -> impl Iterator<Item = String> {
    let word = fold(word.trim()).to_lowercase();
    let joined = word.split_whitespace().collect();
    let local = word.rsplit_once('@').map_or_else(String::new, |(local, _)| local.to_owned());
    let digits = word.chars().filter(char::is_ascii_digit).collect();
    [word, joined, local, digits].into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<String> {
        let personal = ["Ada.Lovelace@example.com", "Corner Shop"];
        Password::choose(text, 8, &personal).err().map(|fault| fault.code.into_owned())
    }

    /// ID-1: 8 to 256 characters, whatever their bytes.
    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(fault("äöüßxyz").as_deref(), Some("too_short"));
        assert_eq!(fault("äöüßxyzw"), None);
        assert_eq!(fault(&"ä".repeat(256)), None);
        assert_eq!(fault(&"ä".repeat(257)).as_deref(), Some("too_long"));
        assert_eq!(fault(&"x".repeat(1 << 20)).as_deref(), Some("too_long"));
    }

    /// ID-1: what anybody tries first is refused: common passwords, the e-mail address, the store's name.
    #[test]
    fn guesses_are_refused() {
        assert!(COMMON.len() >= 8000 && COMMON.iter().all(|word| word.len() >= 8 && *word == word.to_lowercase()));
        assert_eq!(fault("Password").as_deref(), Some("too_common"));
        assert_eq!(fault("ada.lovelace@EXAMPLE.com").as_deref(), Some("guessable"));
        assert_eq!(fault("ada.lovelace").as_deref(), Some("guessable"));
        assert_eq!(fault("corner shop").as_deref(), Some("guessable"));
        assert_eq!(fault("cornershop").as_deref(), Some("guessable"));
        assert_eq!(fault("corner shop at the corner"), None);
        let phone = |text| Password::choose(text, 8, &["+49 30 901820"]).is_ok();
        assert!(!phone("4930901820") && !phone("+49 30 901820") && phone("4930901820 and more"));
    }

    /// ID-2: a password is the same in every Unicode form.
    #[test]
    fn forms_of_the_same_text_are_equal() {
        let chosen = Password::choose("Zo\u{eb} is here", 8, &[]).expect("it is good");
        assert_eq!(chosen.as_bytes(), Password::given("Zoe\u{308} is here").as_bytes());
        assert_eq!(format!("{chosen:?}"), "Password(***)");
    }
}
