//! What is made of files and made anew when they change: certificates are replaced without a restart (PL-7).
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// What was made of files; made anew when it is asked for after one of them has changed.
pub struct Fresh<T> {
    files: Vec<PathBuf>,
    make: Box<dyn Fn() -> anyhow::Result<T> + Send + Sync>,
    made: Mutex<(Vec<Stamp>, Arc<T>)>,
}

/// What tells one state of a file from another: inode, seconds, nanoseconds, length; `None` while it is not there.
type Stamp = Option<(u64, i64, i64, u64)>;

impl<T> Fresh<T> {
    pub(super) fn new(
        files: Vec<PathBuf>,
        make: impl Fn() -> anyhow::Result<T> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let stamps = stamps(&files);
        let made = Mutex::new((stamps, Arc::new(make()?)));
        Ok(Self { files, make: Box::new(make), made })
    }

    /// What the files say now. Files that cannot be used, such as those of a pair of which only one is replaced yet,
    /// leave what was.
    pub fn get(&self) -> Arc<T> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before they are read, so that a change in between is seen the next time.
        let stamps = stamps(&self.files);
        if stamps != made.0 {
            made.0 = stamps;
            match (self.make)() {
                Ok(fresh) => {
                    tracing::info!(file = %self.files[0].display(), "certificates were replaced");
                    made.1 = Arc::new(fresh);
                }
                Err(error) => tracing::warn!(error.detail = format!("{error:#}"), "changed certificates are not used"),
            }
        }
        Arc::clone(&made.1)
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file| {
        let found = fs::metadata(file).ok()?;
        Some((found.ino(), found.mtime(), found.mtime_nsec(), found.len()))
    };
    files.iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PL-7: a file that changed is read again; one that cannot be used leaves what was.
    #[test]
    fn changed_files_are_read_again() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("number");
        fs::write(&file, "1")?;
        let path = file.clone();
        let number = Fresh::new(vec![file.clone()], move || Ok(fs::read_to_string(&path)?.parse::<u32>()?))?;
        assert_eq!((*number.get(), *number.get()), (1, 1));
        fs::write(&file, "23")?;
        assert_eq!(*number.get(), 23);
        fs::write(&file, "no number")?;
        assert_eq!(*number.get(), 23);
        fs::write(folder.path().join("next"), "4")?;
        fs::rename(folder.path().join("next"), &file)?;
        assert_eq!(*number.get(), 4);
        Ok(())
    }
}
