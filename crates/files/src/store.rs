//! Keeps, reads and removes files.
use std::{
    path::{self, PathBuf},
    sync::{Arc, OnceLock},
};

use base::customer_key::CustomerKey;
use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use tokio::io::AsyncReadExt;

use crate::{FileError, FileSettings, Sealing, Upload, bucket, sealed, upload::PART};

/// Most writers of one file that may have died at it: more than anything is tried again.
const WRITERS: usize = 8;

/// Keeps files in a folder or a bucket. Clones share it.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    /// The bucket from the beginning, the folder once it is needed.
    store: Arc<OnceLock<Arc<dyn ObjectStore>>>,
    /// Whether what a dying writer leaves lies beside the file.
    is_folder: bool,
}

impl Files {
    /// Where `settings` say; a storage by https is trusted as the public authorities, and those in the file `roots`, say.
    pub fn open(settings: &FileSettings, roots: Option<&path::Path>) -> anyhow::Result<Self> {
        let files = Self::below(settings.files_dir.clone());
        match settings.files_bucket.as_deref().filter(|address| !address.is_empty()) {
            Some(address) => {
                let store = Arc::new(OnceLock::from(bucket::open(address, settings, roots)?));
                Ok(Self { store, is_folder: false, ..files })
            }
            None => Ok(files),
        }
    }

    /// Below `folder`, which is made when it is needed.
    #[must_use]
    pub fn below(folder: PathBuf) -> Self {
        Self { folder, store: Arc::default(), is_folder: true }
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, FileError> {
        if let Some(store) = self.store.get() {
            return Ok(Arc::clone(store));
        }
        let store = LocalFileSystem::new_with_prefix(self.folder()?).map_err(FileError::of)?;
        Ok(Arc::clone(self.store.get_or_init(|| Arc::new(store.with_automatic_cleanup(true)))))
    }

    /// A folder of this machine, to write in before a file is whole.
    pub fn folder(&self) -> Result<&path::Path, FileError> {
        std::fs::create_dir_all(&self.folder).map_err(FileError::of)?;
        Ok(&self.folder)
    }

    /// Begins the file `name`, which is there when it ends.
    pub fn begin(&self, name: &str) -> Result<Upload, FileError> {
        Ok(Upload::new(self.store()?, Path::from(name)))
    }

    /// Begins the file `name`, of which nobody reads a byte without `key`.
    pub fn begin_sealed(&self, name: &str, key: CustomerKey) -> Result<Sealing, FileError> {
        Ok(Sealing::new(self.begin(name)?, name, key))
    }

    /// Keeps the file `from` under `name`; its length.
    pub async fn keep(&self, from: std::fs::File, name: &str) -> Result<u64, FileError> {
        let mut file = tokio::fs::File::from_std(from);
        let mut upload = self.begin(name)?;
        loop {
            let mut part = Vec::with_capacity(PART);
            let read = (&mut file).take(PART as u64).read_to_end(&mut part).await.map_err(FileError::of)?;
            if read == 0 {
                return upload.end().await;
            }
            upload.add(&part).await?;
        }
    }

    /// At most `length` bytes of the file `name` from `offset` on; absent when there is no such file. From its end on
    /// there is nothing to ask for.
    pub async fn read(&self, name: &str, offset: u64, length: u64) -> Result<Option<Bytes>, FileError> {
        match self.store()?.get_range(&Path::from(name), offset..offset.saturating_add(length)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(FileError::of(error)),
        }
    }

    /// At most `length` bytes of the sealed file `name`, of `size` bytes in all, from `offset` on; absent when there is no
    /// such file.
    pub async fn read_sealed(
        &self,
        (name, size): (&str, u64),
        key: &CustomerKey,
        (offset, length): (u64, u64),
    ) -> Result<Option<Bytes>, FileError> {
        let wanted = offset.min(size)..offset.saturating_add(length).min(size);
        if wanted.is_empty() {
            return Ok(Some(Bytes::new()));
        }
        let blocks = sealed::Blocks::of(&wanted, size);
        let (from, sealed_length) = blocks.place();
        match self.read(name, from, sealed_length).await? {
            Some(sealed) => Ok(Some(blocks.open(&sealed, name, key)?)),
            None => Ok(None),
        }
    }

    /// Removes the file `name`, if it is there, and what is left of it where its writer died.
    pub async fn remove(&self, name: &str) -> Result<(), FileError> {
        if self.is_folder {
            self.sweep(name);
        }
        match self.store()?.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(FileError::of(error)),
        }
    }

    /// A folder holds beside a file, under its name with a number, what is not whole yet: each writer takes the next one.
    /// The folder may hold many files and is not looked through. A bucket's own rules forget uploads that nobody ended.
    fn sweep(&self, name: &str) {
        for writer in 1..=WRITERS {
            match std::fs::remove_file(self.folder.join(format!("{name}#{writer}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(error.detail = %error, "a part of a file stays");
                }
                _ => {}
            }
        }
    }
}
