//! A file that is being written: nobody sees it before its end, and nothing is left of it without one.
use std::sync::Arc;

use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, path::Path};

use crate::FileError;

/// Bytes that are handed over at once; a bucket takes no smaller parts than five million.
pub const PART: usize = 8 * 1024 * 1024;

/// A file that is being written.
#[derive(Debug)]
pub struct Upload {
    store: Arc<dyn ObjectStore>,
    name: Path,
    waiting: Vec<u8>,
    parts: Option<Box<dyn MultipartUpload>>,
    size: u64,
}

impl Upload {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, name: Path) -> Self {
        Self { store, name, waiting: Vec::new(), parts: None, size: 0 }
    }

    /// Adds `bytes` to its end.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.waiting.extend_from_slice(bytes);
        self.size += bytes.len() as u64;
        if self.waiting.len() >= PART { self.hand_over().await } else { Ok(()) }
    }

    async fn hand_over(&mut self) -> Result<(), FileError> {
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => self.store.put_multipart(&self.name).await.map_err(FileError::of)?,
        };
        let put = parts.put_part(PutPayload::from(std::mem::take(&mut self.waiting))).await;
        self.parts = Some(parts);
        match put {
            Ok(()) => Ok(()),
            Err(error) => {
                self.give_up().await;
                Err(FileError::of(error))
            }
        }
    }

    /// The file is whole and there; its length.
    pub async fn end(mut self) -> Result<u64, FileError> {
        if self.parts.is_none() {
            let whole = PutPayload::from(std::mem::take(&mut self.waiting));
            self.store.put(&self.name, whole).await.map_err(FileError::of)?;
            return Ok(self.size);
        }
        if !self.waiting.is_empty() {
            self.hand_over().await?;
        }
        let ended = match self.parts.as_mut() {
            Some(parts) => parts.complete().await.map(|_| ()),
            None => Ok(()),
        };
        match ended {
            Ok(()) => Ok(self.size),
            Err(error) => {
                self.give_up().await;
                Err(FileError::of(error))
            }
        }
    }

    /// There will be no such file.
    pub async fn give_up(&mut self) {
        if let Some(mut parts) = self.parts.take()
            && let Err(error) = parts.abort().await
        {
            tracing::warn!(error.detail = %error, "a part of a file stays");
        }
    }
}
