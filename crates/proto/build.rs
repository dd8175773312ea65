//! Compiles `proto/` with protox, so that no protoc is needed, and keeps the descriptors for reflection and snapshots.
use std::{env, fs, path::PathBuf};

use anyhow::Context;
use prost::Message;

fn main() -> anyhow::Result<()> {
    let root = PathBuf::from("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let files = sources(&root.join("patron"))?;
    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    // In one order, so that the same is written alike.
    config.btree_map([".patron.base.v1.Attribution"]);
    tonic_prost_build::configure().bytes(".").compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// Every `.proto` file below `folder`, in a stable order.
fn sources(folder: &std::path::Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
