//! A file of customers on its way in: its states, how it is read, what becomes of its rows.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::Actor,
    clock::timestamp,
    ids::{ImportId, RealmId, StoreId},
};
use proto::customers::v1 as pb;

use super::table::Place;
use crate::{Error, customer::Scope};

/// How long a file is kept at most.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// How many imports of a customer base are kept with their reports.
pub const LISTED: i64 = 20;
/// Largest file, in bytes.
pub const ROOM: usize = 25 * 1024 * 1024;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Nobody has said yet whether the columns are read rightly.
    Uploaded,
    /// What would become of the rows is being found out.
    Checking,
    /// That is known.
    Checked,
    /// It is carried out.
    Running,
    /// All rows were seen to.
    Succeeded,
    /// It was given up.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl State {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What an empty cell does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Empty {
    /// Nothing.
    Leave,
    /// It takes away what was there.
    Clear,
}

impl Empty {
    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Clear => "clear",
        }
    }

    /// What is named so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Leave, Self::Clear].into_iter().find(|empty| empty.slug() == name)
    }
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody nobody knew.
    Created,
    /// A record says something else since.
    Changed,
    /// A record said so before.
    Unchanged,
    /// It cannot be taken.
    Refused,
    /// A later row is about the same person.
    Superseded,
}

impl Outcome {
    /// As reports name it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
        }
    }
}

/// A file of customers.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Import {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: ImportId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: Option<StoreId>,
    pub(crate) state: State,
    pub(crate) columns: Vec<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) empty: Empty,
    pub(crate) country: String,
    pub(crate) tags: Vec<String>,
    pub(crate) encoding: String,
    pub(crate) delimiter: String,
    pub(crate) rows: i64,
    pub(crate) done: i64,
    pub(crate) created: i64,
    pub(crate) changed: i64,
    pub(crate) unchanged: i64,
    pub(crate) refused: i64,
    pub(crate) superseded: i64,
    pub(crate) warnings: i64,
    pub(crate) first_byte: i64,
    pub(crate) first_line: i64,
    pub(crate) next_byte: i64,
    pub(crate) next_line: i64,
    pub(crate) failure: String,
    pub(crate) started_by: String,
    pub(crate) attempts: i32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) file: String,
    pub(crate) size: i64,
    pub(crate) version: i64,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: DateTime<Utc>,
}

impl Import {
    /// Whose customers it is about.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { realm: self.realm, store: self.store.filter(|store| store.uuid() != self.realm.uuid()) }
    }

    /// Whether `actor` may see it: staff of the place that it was uploaded in.
    #[must_use]
    pub fn is_shown_to(&self, actor: &Actor) -> bool {
        actor.realm == Some(self.realm) && actor.store == self.store
    }

    /// What the column of this number is called, the first is 1; where its heading is forgotten, its number. The whole
    /// line, 0, is called nothing.
    #[must_use]
    pub fn column(&self, place: i32) -> String {
        let heading = usize::try_from(place - 1).ok().map(|place| self.columns.get(place).cloned());
        heading.map_or_else(String::new, |heading| heading.unwrap_or_else(|| format!("Column {place}")))
    }

    /// Where its file lies.
    #[must_use]
    pub fn place(&self) -> String {
        format!("imports/{}/{}.csv", self.realm, self.id)
    }

    /// Where the first row begins.
    #[must_use]
    pub const fn first(&self) -> Place {
        Place { byte: self.first_byte, line: self.first_line }
    }

    /// Where the next row begins that nobody has seen to.
    #[must_use]
    pub const fn next(&self) -> Place {
        Place { byte: self.next_byte, line: self.next_line }
    }

    /// The byte that stands between its columns.
    #[must_use]
    pub fn delimiter(&self) -> u8 {
        self.delimiter.bytes().next().unwrap_or(b',')
    }

    /// Reads it from the first row on.
    fn rewind(&mut self, state: State, now: DateTime<Utc>) {
        (self.state, self.due_at, self.attempts, self.done) = (state, Some(now), 0, 0);
        (self.created, self.changed, self.unchanged) = (0, 0, 0);
        (self.refused, self.superseded, self.warnings) = (0, 0, 0);
        (self.next_byte, self.next_line) = (self.first_byte, self.first_line);
        self.version += 1;
    }

    /// Begins to find out what would become of the rows.
    pub fn check(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        if !matches!(self.state, State::Uploaded | State::Checked) {
            return Err(Error::ImportNotReady);
        }
        if !["id", "email", "phone"].iter().any(|field| self.fields.iter().any(|mapped| mapped == field)) {
            return Err(Error::ImportNamesNobody);
        }
        self.rewind(State::Checking, now);
        Ok(())
    }

    /// Begins to carry it out, on the word of `starter`; only what was checked.
    pub fn start(&mut self, starter: &str, now: DateTime<Utc>) -> Result<(), Error> {
        if self.state != State::Checked {
            return Err(Error::ImportNotReady);
        }
        starter.clone_into(&mut self.started_by);
        self.rewind(State::Running, now);
        Ok(())
    }

    /// Reads it otherwise from now on: what was found out counts no longer.
    pub fn open(&mut self) -> Result<(), Error> {
        if !matches!(self.state, State::Uploaded | State::Checked) {
            return Err(Error::ImportNotReady);
        }
        self.state = State::Uploaded;
        self.version += 1;
        Ok(())
    }

    /// Goes on with the row at `next`.
    pub fn advance(&mut self, next: Place) {
        (self.next_byte, self.next_line) = (next.byte, next.line);
        self.version += 1;
    }

    /// Counts what becomes of a row, for which `warnings` cells are left out.
    pub fn count(&mut self, outcome: Outcome, warnings: usize) {
        let counter = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Changed => &mut self.changed,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Refused => &mut self.refused,
            Outcome::Superseded => &mut self.superseded,
        };
        *counter += 1;
        self.done += 1;
        self.warnings += i64::try_from(warnings).unwrap_or(i64::MAX);
    }

    /// Ends what is being done: the check, or the whole.
    pub fn finish(&mut self, state: State, failure: &str, now: DateTime<Utc>) {
        failure.clone_into(&mut self.failure);
        (self.state, self.due_at) = (state, None);
        self.version += 1;
        if state != State::Checked {
            self.ended_at = Some(now);
        }
    }

    /// Whether there is a report of what became of each line.
    #[must_use]
    pub fn has_report(&self) -> bool {
        self.ended_at.is_some() && !self.started_by.is_empty()
    }

    /// As the API shows it, with the first rows.
    #[must_use]
    pub fn told(self, sample: Vec<Vec<String>>) -> pb::Import {
        pb::Import {
            has_report: self.has_report(),
            id: self.id.into(),
            state: self.state.slug().to_owned(),
            columns: self.columns,
            fields: self.fields,
            options: Some(pb::ImportOptions {
                empty: self.empty.slug().to_owned(),
                country: self.country,
                tags: self.tags,
            }),
            encoding: self.encoding,
            delimiter: self.delimiter,
            rows: self.rows,
            done: self.done,
            counts: Some(pb::ImportCounts {
                created: self.created,
                changed: self.changed,
                unchanged: self.unchanged,
                refused: self.refused,
                superseded: self.superseded,
                warnings: self.warnings,
            }),
            failure: self.failure,
            version: self.version,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            ended_at: self.ended_at.map(timestamp),
            expires_at: Some(timestamp(self.expires_at)),
            sample: sample.into_iter().map(|cells| pb::ImportRow { cells }).collect(),
        }
    }
}
