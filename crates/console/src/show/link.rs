//! Addresses of pages.
use form_urlencoded::Serializer;

/// `path` with the pairs that have a value.
pub fn url(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_empty_ones_left_out() {
        let url = url("/console/customers", &[("q", "a&b=c d"), ("tab", ""), ("sort", "-name")]);
        assert_eq!(url, "/console/customers?q=a%26b%3Dc+d&sort=-name");
    }
}
