//! Files about a customer, sealed with their key: in blocks, so that a part of a file can be read alone. Each block says
//! of which file it is, at which place and whether it is the last one; none can be moved, left out or added.
use std::ops::Range;

use base::customer_key::CustomerKey;
use bytes::Bytes;

use crate::{FileError, Upload};

/// Bytes of a block, and those that sealing adds.
const BLOCK: u64 = 64 * 1024;
const ADDED: u64 = 28;

fn purpose(name: &str, block: u64, is_last: bool) -> String {
    format!("file {name} {block}{}", if is_last { " last" } else { "" })
}

/// A sealed file that is being written.
#[derive(Debug)]
pub struct Sealing {
    upload: Upload,
    name: String,
    key: CustomerKey,
    waiting: Vec<u8>,
    block: u64,
    size: u64,
}

impl Sealing {
    pub(crate) fn new(upload: Upload, name: &str, key: CustomerKey) -> Self {
        Self { upload, name: name.to_owned(), key, waiting: Vec::new(), block: 0, size: 0 }
    }

    /// Adds `bytes` to its end.
    pub async fn add(&mut self, mut bytes: &[u8]) -> Result<(), FileError> {
        self.size += bytes.len() as u64;
        let block = usize::try_from(BLOCK).map_err(FileError::of)?;
        while !bytes.is_empty() {
            // The last block is known by the end only: a full one waits for what comes after it.
            if self.waiting.len() == block {
                let whole = std::mem::take(&mut self.waiting);
                self.seal(&whole, false).await?;
            }
            let (fits, rest) = bytes.split_at(bytes.len().min(block - self.waiting.len()));
            self.waiting.extend_from_slice(fits);
            bytes = rest;
        }
        Ok(())
    }

    async fn seal(&mut self, plain: &[u8], is_last: bool) -> Result<(), FileError> {
        let sealed = self.key.seal(&purpose(&self.name, self.block, is_last), plain);
        self.block += 1;
        self.upload.add(&sealed).await
    }

    /// The file is whole and there; its length, as it was before it was sealed.
    pub async fn end(mut self) -> Result<u64, FileError> {
        let last = std::mem::take(&mut self.waiting);
        self.seal(&last, true).await?;
        self.upload.end().await?;
        Ok(self.size)
    }

    /// There will be no such file.
    pub async fn give_up(mut self) {
        self.upload.give_up().await;
    }
}

/// The blocks that hold a part of a file.
pub struct Blocks {
    wanted: Range<u64>,
    first: u64,
    last: u64,
    size: u64,
}

impl Blocks {
    /// Those that hold `wanted`, which is not empty, of a file of `size` bytes.
    pub fn of(wanted: &Range<u64>, size: u64) -> Self {
        Self { wanted: wanted.clone(), first: wanted.start / BLOCK, last: (wanted.end - 1) / BLOCK, size }
    }

    /// From where on in the sealed file, and how many bytes.
    pub fn place(&self) -> (u64, u64) {
        let plain = ((self.last + 1) * BLOCK).min(self.size) - self.first * BLOCK;
        (self.first * (BLOCK + ADDED), plain + (self.last - self.first + 1) * ADDED)
    }

    /// What was wanted.
    pub fn open(&self, sealed: &[u8], name: &str, key: &CustomerKey) -> Result<Bytes, FileError> {
        let very_last = self.size.saturating_sub(1) / BLOCK;
        let mut plain = Vec::with_capacity(sealed.len());
        let step = usize::try_from(BLOCK + ADDED).map_err(FileError::of)?;
        for (block, sealed) in (self.first..=self.last).zip(sealed.chunks(step)) {
            let opened = key.open(&purpose(name, block, block == very_last), sealed);
            plain.extend(opened.map_err(FileError::of)?);
        }
        let within = |place: u64| usize::try_from(place - self.first * BLOCK).map_err(FileError::of);
        let range = within(self.wanted.start)?..within(self.wanted.end)?;
        let part = plain.get(range).ok_or_else(|| FileError::of("a file is shorter than it was"))?;
        Ok(Bytes::copy_from_slice(part))
    }
}
