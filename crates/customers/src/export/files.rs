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
        let store = LocalFileSystem::new_with_prefix(self.folder()?).map_err(|error| broken(&error))?;
        Ok(Arc::new(store.with_automatic_cleanup(true)))
    }

    /// The folder, to write in before a file is whole.
    pub fn folder(&self) -> Result<&std::path::Path, Error> {
        std::fs::create_dir_all(&self.folder).map_err(|error| broken(&error))?;
        Ok(&self.folder)
    }

    /// Keeps the file `from` under `name`; its length.
    pub async fn keep(&self, from: std::fs::File, name: &str) -> Result<i64, Error> {
        let mut file = tokio::fs::File::from_std(from);
        let mut upload = self.store()?.put_multipart(&Path::from(name)).await.map_err(|error| broken(&error))?;
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

    /// Removes the file `name`, if it is there, and what is left of it where its writer died.
    pub async fn remove(&self, name: &str) -> Result<(), Error> {
        self.sweep(name);
        match self.store()?.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(broken(&error)),
        }
    }

    /// The storage writes beside a file, under its name with a number, until it is whole.
    fn sweep(&self, name: &str) {
        let whole = self.folder.join(name);
        let (Some(folder), Some(name)) = (whole.parent(), whole.file_name().and_then(|name| name.to_str())) else {
            return;
        };
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let part = entry.file_name().to_str().is_some_and(|other| other.starts_with(&format!("{name}#")));
            if part && let Err(error) = std::fs::remove_file(entry.path()) {
                tracing::warn!(error.detail = %error, "a part of a file stays");
            }
        }
    }
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("the storage of files: {error}"))
}
