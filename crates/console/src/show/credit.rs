//! Who and what brought a purchase about, as pages of staff show it (CA-8).
use proto::base::v1::Attribution;

use super::{Fact, Redacted};

/// The words of an attribution: what each is called, its name and what is known.
pub fn words(known: &Attribution) -> [(&'static str, &'static str, &String); 14] {
    [
        ("Agent", "agent", &known.agent),
        ("Affiliate", "affiliate", &known.affiliate),
        ("Subaffiliate 1", "subaffiliate1", &known.subaffiliate1),
        ("Subaffiliate 2", "subaffiliate2", &known.subaffiliate2),
        ("Subaffiliate 3", "subaffiliate3", &known.subaffiliate3),
        ("Subaffiliate 4", "subaffiliate4", &known.subaffiliate4),
        ("Subaffiliate 5", "subaffiliate5", &known.subaffiliate5),
        ("Funnel", "funnel", &known.funnel),
        ("Google click", "gclid", &known.gclid),
        ("Source", "utm_source", &known.utm_source),
        ("Medium", "utm_medium", &known.utm_medium),
        ("Campaign", "utm_campaign", &known.utm_campaign),
        ("Content", "utm_content", &known.utm_content),
        ("Term", "utm_term", &known.utm_term),
    ]
}

/// All that is known, in the order in which it is told.
pub fn credit(known: Option<&Attribution>, redacted: &Redacted<'_>) -> Vec<Fact> {
    let Some(known) = known else { return Vec::new() };
    let fact =
        |(label, name, value): (&str, &str, &String)| redacted.fact(label, &format!("attribution.{name}"), value);
    let noted = known.metadata.iter();
    let noted = noted.filter_map(|(key, value)| redacted.fact(key, "attribution.metadata", value));
    words(known).into_iter().filter_map(fact).chain(noted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-8, ID-23: only what is known is shown, and what is masked is marked.
    #[test]
    fn what_is_known_is_shown() {
        let metadata = [("visitor".to_owned(), "***".to_owned())].into();
        let known = Attribution { funnel: "phone".to_owned(), metadata, ..Attribution::default() };
        let redacted = ["attribution.metadata".to_owned()];
        let facts = credit(Some(&known), &Redacted(&redacted));
        let facts: Vec<_> = facts.iter().map(|fact| (&*fact.label, &*fact.value, fact.masked)).collect();
        assert_eq!(facts, [("Funnel", "phone", false), ("visitor", "***", true)]);
        assert!(credit(None, &Redacted(&[])).is_empty());
    }
}
