//! Who depends on whom, from `cargo metadata`.
use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::sources::root;

/// What tests may use besides: what services stand on.
const IN_TESTS: [&str; 2] = ["kit", "testing"];

/// Which crates of the workspace each crate may use.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "pool" | "proto" | "xtask" | "shop" => &[],
        // It loads a house from outside; what a price costs it measures by the function itself.
        "load" => &["carts", "kit"],
        "base" => &["proto"],
        "files" => &["base"],
        "mesh" => &["base", "proto"],
        "kit" => &["base", "files", "mesh", "pool", "proto"],
        "testing" | "holdings" => &["kit", "proto"],
        "identity" | "customers" | "catalog" | "carts" | "orders" | "notifications" | "reviews" => {
            &["files", "holdings", "kit", "proto"]
        }
        "front" => &["kit"],
        "gateway" | "console" => &["front", "kit", "proto"],
        // The binary and the journeys see everything.
        "patron" | "e2e" => return None,
        _ => panic!("where does {name} belong?"),
    })
}

/// DESIGN §2: domain crates never see each other; gateway and console see services through generated clients only.
#[test]
fn crates_see_only_what_they_may() {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().other_options(vec!["--offline".into()]).exec();
    let metadata = metadata.expect("cargo metadata");
    let members: BTreeSet<_> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &metadata.packages {
        let Some(allowed) = allowed(&package.name) else { continue };
        for dependency in package.dependencies.iter().filter(|dependency| members.contains(&dependency.name)) {
            let in_tests =
                dependency.kind == DependencyKind::Development && IN_TESTS.contains(&dependency.name.as_str());
            if !in_tests && !allowed.contains(&dependency.name.as_str()) {
                wrong.entry(package.name.to_string()).or_default().push(dependency.name.clone());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
