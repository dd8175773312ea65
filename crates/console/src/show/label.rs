//! Words for slugs, letters for names.

/// `partially_refunded` as people read it: "Partially refunded".
pub fn words(slug: &str) -> String {
    let mut text = slug.replace(['_', '.'], " ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    text
}

/// The name of a field as people read it, inside a sentence: `ip` is a "network address".
pub fn field(name: &str) -> String {
    let known = match name {
        "email" => "e-mail",
        "ip" => "network address",
        "username" => "user name",
        "business" => "company",
        "photo_url" => "photo",
        "meta" => "further fields",
        "to" => "recipient",
        "billing" => "billing address",
        "history.changes" => "what was changed",
        "refunds.reason" => "reasons of refunds",
        "transactions.reason" => "reasons of transactions",
        _ => return words(name).to_lowercase(),
    };
    known.to_owned()
}

/// A channel that messages go through.
pub fn channel(name: &str) -> String {
    match name {
        "email" => "E-mail".to_owned(),
        "sms" => "SMS".to_owned(),
        _ => words(name),
    }
}

/// The first letters of the first and last name, for a picture that is not there.
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let letters: String = first.into_iter().chain(letters.next_back()).collect();
    if letters.is_empty() { "?".to_owned() } else { letters.to_uppercase() }
}

/// Thousands set apart: "10,000+".
pub fn count(number: &str) -> String {
    let digits = number.trim_end_matches('+');
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &number[digits.len()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_become_words() {
        assert_eq!(words("partially_refunded"), "Partially refunded");
        assert_eq!(words("état"), "état");
        assert_eq!(words(""), "");
    }

    #[test]
    fn initials_of_any_name() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("Gabriel García Márquez"), "GM");
        assert_eq!(initials("Plato"), "P");
        assert_eq!(initials("J***"), "J");
        assert_eq!(initials("李 小龍"), "李小");
        assert_eq!(initials(" "), "?");
    }

    #[test]
    fn counts_are_set_in_groups() {
        assert_eq!(count("7"), "7");
        assert_eq!(count("1234567"), "1,234,567");
        assert_eq!(count("10000+"), "10,000+");
    }
}
