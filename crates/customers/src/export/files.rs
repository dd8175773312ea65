//! Where the bytes of files lie.
use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use kit::Error;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path};
use tokio::io::AsyncReadExt;

/// Bytes that are handed over at once.
const PART: usize = 8 * 1024 * 1024;

/// Keeps files below a folder. Clones share it.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Below `folder`, which is made when it is needed.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        std::fs::create_dir_all(&self.folder).map_err(|error| broken(&error))?;
        let store = LocalFileSystem::new_with_prefix(&self.folder).map_err(|error| broken(&error))?;
        Ok(Arc::new(store.with_automatic_cleanup(true)))
    }

    /// A folder to write in before a file is whole.
    pub fn scratch(&self) -> Result<tempfile::TempDir, Error> {
        tempfile::tempdir().map_err(|error| broken(&error))
    }

    /// Keeps the file `from` under `name`; its length.
    pub async fn keep(&self, from: &std::path::Path, name: &str) -> Result<i64, Error> {
        let mut file = tokio::fs::File::open(from).await.map_err(|error| broken(&error))?;
        let mut upload =
            self.store()?.put_multipart(&Path::from(name)).await.map_err(|error| broken(&error))?;
        let mut size = 0;
        loop {
            let mut part = Vec::with_capacity(PART);
            let read = (&mut file).take(PART as u64).read_to_end(&mut part).await.map_err(|error| broken(&error))?;
            if read == 0 {
                break;
            }
            size += i64::try_from(read).unwrap_or_default();
            upload.put_part(PutPayload::from(part)).await.map_err(|error| broken(&error))?;
        }
        upload.complete().await.map_err(|error| broken(&error))?;
        Ok(size)
    }

    /// At most `length` bytes of the file `name` from `offset` on; absent when there is no such file.
    pub async fn read(&self, name: &str, offset: u64, length: u64) -> Result<Option<Bytes>, Error> {
        match self.store()?.get_range(&Path::from(name), offset..offset + length).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(broken(&error)),
        }
    }

    /// Removes the file `name`, if it is there.
    pub async fn remove(&self, name: &str) -> Result<(), Error> {
        match self.store()?.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(broken(&error)),
        }
    }
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("the storage of files: {error}"))
}
