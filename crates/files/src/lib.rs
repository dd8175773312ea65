//! Where the bytes of files lie: below a folder, or in a bucket at S3 or a storage that speaks as it does. A service names
//! its files itself; whose a file is, how long it stays and who may read it is the service's matter.
//! What is about a customer is sealed with their key, block by block: once the key is gone, no copy can be read.
mod bucket;
mod connector;
mod goods;
mod kind;
mod sealed;
mod settings;
mod store;
mod upload;

use std::fmt::Display;

pub use goods::Goods;
pub use kind::{Kind, renamed};
pub use sealed::Sealing;
pub use settings::FileSettings;
pub use store::Files;
pub use upload::Upload;

/// The storage could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("the storage of files: {0}")]
pub struct FileError(String);

impl FileError {
    fn of(error: impl Display) -> Self {
        Self(error.to_string())
    }
}
