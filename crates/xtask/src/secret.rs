//! Random values for private servers.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

/// `bytes` random bytes in hexadecimal.
pub fn hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut buffer))
        .context("the machine gives no random bytes")?;
    Ok(hex::encode(buffer))
}
