//! Every rule of the product is listed, and what is called proved is named by a test.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::sources::{root, rust};

/// Areas of the product and how many rules each has.
const AREAS: [(&str, usize); 11] = [
    ("ID", 25),
    ("CU", 18),
    ("CA", 11),
    ("OR", 10),
    ("NO", 6),
    ("RE", 8),
    ("ST", 3),
    ("AD", 3),
    ("PO", 1),
    ("EX", 3),
    ("PL", 7),
];

/// The list: rule and state.
fn listed() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/RULES.md")).expect("the list of rules");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, rule, _, state, _] = cells.as_slice() else { return None };
        rule.split_once('-').filter(|(area, _)| area.len() == 2)?;
        Some(((*rule).to_owned(), (*state).to_owned()))
    });
    rows.collect()
}

/// The rules that doc comments of tests name.
fn named() -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (_, text) in ["crates", "tests"].into_iter().flat_map(rust) {
        let mut comment = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(words) = line.strip_prefix("///") {
                comment.push_str(words);
            } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                named.extend(rules_in(&comment));
            } else if !line.starts_with("#[") {
                comment.clear();
            }
        }
    }
    named
}

fn rules_in(comment: &str) -> Vec<String> {
    let words = comment.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_rule = |word: &&str| {
        word.split_once('-').is_some_and(|(area, number)| {
            AREAS.iter().any(|(known, _)| *known == area) && number.parse::<u32>().is_ok()
        })
    };
    words.filter(is_rule).map(str::to_owned).collect()
}

#[test]
fn every_rule_is_listed_once() {
    let listed = listed();
    for (area, count) in AREAS {
        let rules = listed.keys().filter(|rule| rule.split_once('-').is_some_and(|(of, _)| of == area)).count();
        assert_eq!(rules, count, "rules of {area}");
    }
    let odd: Vec<_> = listed.iter().filter(|(_, state)| !["proved", "open"].contains(&state.as_str())).collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn what_is_called_proved_is_named_by_a_test() {
    let named = named();
    let unproved: Vec<_> =
        listed().into_iter().filter(|(rule, state)| state == "proved" && !named.contains(rule)).collect();
    assert!(unproved.is_empty(), "{unproved:?}");
}

#[test]
fn tests_name_rules_that_there_are() {
    let listed = listed();
    let unknown: Vec<_> = named().into_iter().filter(|rule| !listed.contains_key(rule)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
