//! Which passwords staff members may have: longer ones where they are the only factor (ID-20).
use kit::Db;

use super::Staff;
use crate::{
    Error, factor,
    password::{Hasher, Password},
};

/// Shortest password beside a second factor, and alone.
pub const SHORTEST: (usize, usize) = (8, 15);

/// The hash of a password that `staff` wants to have.
pub async fn chosen(db: &Db, hasher: &Hasher, staff: &Staff, text: &str) -> Result<String, Error> {
    let (enrolled_at, _) = factor::store::describe(db.pool(), staff.id).await?;
    let shortest = if enrolled_at.is_some() { SHORTEST.0 } else { SHORTEST.1 };
    let mut words = vec![staff.email.as_str(), staff.name.as_str()];
    words.extend(staff.memberships.iter().flat_map(|seat| &seat.stores).map(|(_, name)| name.as_str()));
    let password = Password::choose(text, shortest, &words)?;
    Ok(hasher.hash(&password).await?)
}
