//! Whom a line is for, in words (OR-1).
use proto::carts::v1::Gift;

/// “A gift for Bob (bob@example.com)”; empty of what is no gift. Of who was erased no more is known than that it was one.
#[must_use]
pub fn recipient(gift: Option<&Gift>) -> String {
    let Some(Gift { email, name, .. }) = gift else { return String::new() };
    match (name.as_str(), email.as_str()) {
        ("", "") => "A gift".to_owned(),
        ("", one) | (one, "") => format!("A gift for {one}"),
        (name, email) => format!("A gift for {name} ({email})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-1: whoever looks at a line sees whom it is for, as far as that is known.
    #[test]
    fn gifts_have_words() {
        let gift = |email: &str, name: &str| Gift { email: email.to_owned(), name: name.to_owned(), ..Gift::default() };
        assert_eq!(recipient(None), "");
        assert_eq!(recipient(Some(&gift("", ""))), "A gift");
        assert_eq!(recipient(Some(&gift("bob@example.com", ""))), "A gift for bob@example.com");
        assert_eq!(recipient(Some(&gift("bob@example.com", "Bob"))), "A gift for Bob (bob@example.com)");
    }
}
