//! Who and what brought a purchase about, as pages of staff show it (CA-8).
use proto::base::v1::Attribution;

use super::{Fact, Redacted};

/// All that is known, in the order in which it is told.
pub fn credit(known: Option<&Attribution>, redacted: &Redacted<'_>) -> Vec<Fact> {
    let Some(known) = known else { return Vec::new() };
    let words = [
        ("Agent", "attribution.agent", &known.agent),
        ("Affiliate", "attribution.affiliate", &known.affiliate),
        ("Subaffiliate 1", "attribution.subaffiliate1", &known.subaffiliate1),
        ("Subaffiliate 2", "attribution.subaffiliate2", &known.subaffiliate2),
        ("Subaffiliate 3", "attribution.subaffiliate3", &known.subaffiliate3),
        ("Subaffiliate 4", "attribution.subaffiliate4", &known.subaffiliate4),
        ("Subaffiliate 5", "attribution.subaffiliate5", &known.subaffiliate5),
        ("Funnel", "attribution.funnel", &known.funnel),
        ("Google click", "attribution.gclid", &known.gclid),
        ("Source", "attribution.utm_source", &known.utm_source),
        ("Medium", "attribution.utm_medium", &known.utm_medium),
        ("Campaign", "attribution.utm_campaign", &known.utm_campaign),
        ("Content", "attribution.utm_content", &known.utm_content),
        ("Term", "attribution.utm_term", &known.utm_term),
    ];
    let words = words.into_iter().filter_map(|(label, field, value)| redacted.fact(label, field, value));
    let noted = known.metadata.iter();
    words.chain(noted.filter_map(|(key, value)| redacted.fact(key, "attribution.metadata", value))).collect()
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
