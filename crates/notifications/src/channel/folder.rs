//! A folder that messages are put into, one file each, for whoever tries the house out without a mail server. Nothing waits
//! for the disk, so a power cut may take or empty the last of them.
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use kit::secret;

use crate::message::Trouble;

/// A folder; it is made when the first message comes.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Puts `content` there under `name`: who looks there sees the whole file or none, and in place of a former one.
    pub async fn put(&self, name: String, content: Vec<u8>) -> Result<(), Trouble> {
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &content)).await;
        written
            .map_err(|e| Trouble::Passing(e.to_string()))?
            .map_err(|e| Trouble::Passing(format!("the folder cannot be written to: {e}")))
    }
}

fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}.{:016x}", u64::from_be_bytes(secret::random())));
    let done = File::create_new(&draft).and_then(|mut file| {
        file.write_all(content)?;
        fs::rename(&draft, folder.join(name))
    });
    if done.is_err() {
        let _ = fs::remove_file(&draft); // what matters is the first error
    }
    done
}
