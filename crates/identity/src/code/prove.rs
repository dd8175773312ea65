//! Trying a code: counted and committed before it is compared.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{code::Question, store};
use crate::{Error, account::Desk};

/// The id of the code that answers `question`, if `code` is it. It is still to be used up.
pub async fn prove(desk: &Desk, question: &Question<'_>, code: &str, now: DateTime<Utc>) -> Result<Uuid, Error> {
    let mut tx = desk.db.begin_own().await?;
    let tried = store::count_try(&mut tx, question, &desk.secrets, now).await?;
    tx.commit().await?;
    let right = tried.filter(|tried| tried.is(question, code, &desk.secrets));
    right.map(|tried| tried.id).ok_or(Error::BadCode)
}
