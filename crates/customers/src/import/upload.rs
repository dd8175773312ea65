//! Takes a file in.
use std::io::Write;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use files::Files;
use kit::{
    Call, Db, Error as KitError, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    ids::ImportId,
};
use tokio::task::spawn_blocking;

use super::{
    decode::decode,
    import::{Empty, Import, KEPT, ROOM, State},
    store,
    table::{Outline, outline},
};
use crate::{Error, loose_file::store as loose};

/// Most imports of a customer base that have not ended.
const OPEN: i64 = 10;
/// How long a file may take to become an import.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// A file that was read once.
#[derive(Debug)]
pub struct Upload {
    outline: Outline,
    encoding: &'static str,
    /// Its text in UTF-8.
    text: std::fs::File,
}

impl Upload {
    /// Reads `file`; its text is written into the folder of `files`, where nobody finds it.
    pub async fn parse(file: Bytes, files: &Files) -> Result<Self, Error> {
        if file.len() > ROOM {
            return Err(Error::FileUnreadable("a file has at most 25 MiB"));
        }
        let folder = files.folder()?.to_owned();
        spawn_blocking(move || {
            let (text, encoding) = decode(&file);
            let outline = outline(&text).map_err(Error::FileUnreadable)?;
            let kept = written(&folder, &text).map_err(|error| KitError::Internal(format!("a file: {error}")))?;
            Ok(Self { outline, encoding, text: kept })
        })
        .await
        .map_err(|error| KitError::Internal(error.to_string()))?
    }
}

fn written(folder: &std::path::Path, text: &str) -> std::io::Result<std::fs::File> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    std::io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// A file that is kept, and the import that it becomes, with its first rows.
#[derive(Debug)]
pub struct Kept {
    import: Import,
    sample: Vec<Vec<String>>,
}

impl Upload {
    /// Keeps its text where it belongs to nobody yet: a file without an import. `country` is where people are from who do
    /// not say.
    pub async fn keep(
        self,
        (db, files): (&Db, &Files),
        actor: &Actor,
        (country, now): (String, DateTime<Utc>),
    ) -> Result<Kept, Error> {
        let Self { outline, encoding, text } = self;
        let mut import = fresh(actor, &outline, (encoding, country), now)?;
        let mut tx = db.begin_own().await?;
        if store::open(&mut *tx, import.realm).await? >= OPEN {
            return Err(Error::TooManyImports);
        }
        loose::expect(&mut tx, &import.place(), now + PATIENCE).await?;
        tx.commit().await?;
        import.size = i64::try_from(files.keep(text, &import.place()).await?).unwrap_or(i64::MAX);
        Ok(Kept { import, sample: outline.sample })
    }
}

/// The import of a file that waits to be checked, with its first rows.
pub async fn upload_import(
    tx: &mut Tx,
    call: &Call,
    Kept { import, sample }: Kept,
) -> Result<(Import, Vec<Vec<String>>), Error> {
    // Two at once would both be the tenth.
    store::hold(tx, import.realm).await?;
    if store::open(&mut **tx, import.realm).await? >= OPEN {
        return Err(Error::TooManyImports);
    }
    if !loose::take(tx, &[import.place()]).await? {
        return Err(KitError::Internal("a file took too long".to_owned()).into());
    }
    store::retire(tx, import.realm, import.created_at).await?;
    store::insert(tx, &import).await?;
    let entry = Entry::new("import.uploaded", ("import", import.id), import.created_at);
    let told = json!({ "rows": import.rows, "columns": import.columns.len(), "encoding": import.encoding });
    audit::record(tx, call, entry.created(told))?;
    Ok((import, sample))
}

fn fresh(
    actor: &Actor,
    outline: &Outline,
    (encoding, country): (&str, String),
    now: DateTime<Utc>,
) -> Result<Import, Error> {
    let mut import = Import {
        realm: actor.realm()?,
        id: ImportId::new(now),
        store: actor.store,
        state: State::Uploaded,
        columns: outline.columns.clone(),
        fields: outline.fields.clone(),
        empty: Empty::Leave,
        country,
        tags: Vec::new(),
        encoding: encoding.to_owned(),
        delimiter: char::from(outline.delimiter).to_string(),
        rows: outline.rows,
        done: 0,
        created: 0,
        changed: 0,
        unchanged: 0,
        refused: 0,
        superseded: 0,
        warnings: 0,
        first_byte: outline.first.byte,
        first_line: outline.first.line,
        next_byte: outline.first.byte,
        next_line: outline.first.line,
        failure: String::new(),
        started_by: String::new(),
        attempts: 0,
        due_at: None,
        file: String::new(),
        size: 0,
        version: 1,
        created_by: actor.subject.clone(),
        created_at: now,
        ended_at: None,
        expires_at: now + KEPT,
    };
    import.file = import.place();
    Ok(import)
}
