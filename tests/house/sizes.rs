//! Sizes that read well.
use crate::sources::rust;

/// Longest file, in lines, tests included.
const FILE: usize = 400;
/// Longest kit, in lines.
const KIT: usize = 1_800;
/// Names that collect everything.
const DUMPS: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "types", "manager", "misc"];

#[test]
fn no_file_is_longer_than_400_lines() {
    let long: Vec<_> = ["crates", "tests"]
        .into_iter()
        .flat_map(rust)
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn the_kit_stays_small() {
    let lines: usize = rust("crates/kit/src").iter().map(|(_, text)| text.lines().count()).sum();
    assert!(lines <= KIT, "the kit has {lines} lines: what in it does not belong to every service?");
}

#[test]
fn nothing_is_named_after_nothing() {
    let dumps: Vec<_> = rust("crates")
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| {
            path.iter().any(|part| DUMPS.iter().any(|dump| part.to_string_lossy().trim_end_matches(".rs") == *dump))
        })
        .collect();
    assert!(dumps.is_empty(), "{dumps:?}");
}
