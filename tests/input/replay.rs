//! What fuzzing has kept is read again.
use std::{fs, path::Path};

use anyhow::Context;

use crate::parsers::PARSERS;

/// PL-4, ID-23, ID-30, OR-3: whatever cursors, assertions, filters, events and values from outside are made of, what reads
/// them holds to its laws.
#[test]
fn what_was_found_once_is_read_again() -> anyhow::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, parse) in PARSERS {
        let folder = corpus.join(name);
        let files = fs::read_dir(&folder).with_context(|| format!("there is no corpus of {name}"))?;
        let mut read = 0;
        for file in files {
            let file = file?.path();
            let data = fs::read(&file)?;
            std::panic::catch_unwind(|| parse(&data))
                .map_err(|_| anyhow::anyhow!("{} breaks a law", file.display()))?;
            read += 1;
        }
        anyhow::ensure!(read >= 5, "the corpus of {name} is gone");
    }
    Ok(())
}

/// Nothing is fuzzed that is not read again, and the other way round.
#[test]
fn every_parser_is_fuzzed() -> anyhow::Result<()> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml"))?;
    for (name, _) in PARSERS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} has no target");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), PARSERS.len());
    Ok(())
}
