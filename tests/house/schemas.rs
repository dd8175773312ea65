//! The shapes of the public API.
use std::{collections::BTreeMap, path::PathBuf};

use crate::sources;

/// Of two shapes with one name, the document would silently keep one and describe the other by it.
#[test]
fn every_shape_has_a_name_of_its_own() {
    let mut named: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, text) in sources::rust("crates/gateway/src") {
        for (place, _) in text.match_indices("ToSchema") {
            let behind = &text[place..];
            // Only what stands in a `derive`, not an import.
            if text[..place].rfind("#[derive(").is_some_and(|derive| !text[derive..place].contains(")]")) {
                named.entry(name(behind)).or_default().push(path.clone());
            }
        }
    }
    assert!(named.len() > 50, "only {} shapes were found", named.len());
    named.retain(|_, paths| paths.len() > 1);
    assert!(named.is_empty(), "shapes of one name: {named:#?}");
}

/// What the document calls the type whose `derive` this text begins in.
fn name(text: &str) -> String {
    let starts = ["schema(as = ", "struct ", "enum "];
    let declared = starts.iter().filter_map(|start| Some((text.find(start)?, start.len()))).min();
    let (place, length) = declared.expect("a type behind its derive");
    text[place + length..].chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}
