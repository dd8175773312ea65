//! Trying a code: counted for the network address and for the code, and committed, before it is compared.
use kit::Call;
use uuid::Uuid;

use super::{code::Question, store};
use crate::{Error, account::Desk, attempt};

/// The id of the code that answers `question`, if `code` is it. It is still to be used up.
pub async fn prove(desk: &Desk, call: &Call, question: &Question<'_>, code: &str) -> Result<Uuid, Error> {
    let now = desk.clock.now();
    let network = attempt::attempt::network(&desk.secrets, &call.client().ip);
    attempt::store::take(desk.db.pool(), &desk.limits.sign_in, network, now).await?;
    let mut tx = desk.db.begin_own().await?;
    let tried = store::count_try(&mut tx, question, &desk.secrets, now).await?;
    tx.commit().await?;
    let right = tried.filter(|tried| tried.is(question, code, &desk.secrets));
    right.map(|tried| tried.id).ok_or(Error::BadCode)
}
