//! Customers of any realm, by column, as set-based statements take them.
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;

/// Several customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Their realms.
    pub realms: Vec<Uuid>,
    /// Their ids.
    pub ids: Vec<Uuid>,
}

impl FromIterator<(Uuid, Uuid)> for People {
    /// Each once, in the order in which rows are locked.
    fn from_iter<T: IntoIterator<Item = (Uuid, Uuid)>>(people: T) -> Self {
        let mut people: Vec<_> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        let (realms, ids) = people.into_iter().unzip();
        Self { realms, ids }
    }
}

impl People {
    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Holds their records until the transaction ends, as every use case does that changes their figures.
    pub async fn lock(&self, db: &mut PgConnection) -> Result<(), Error> {
        sqlx::query(
            "select from customers c join unnest($1::uuid[], $2::uuid[]) as p (realm_id, id)
               on c.realm_id = p.realm_id and c.id = p.id order by c.realm_id, c.id for update of c",
        )
        .bind(&self.realms)
        .bind(&self.ids)
        .execute(db)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_there_once_and_in_order() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let people: People = [(a, b), (a, a), (a, b)].into_iter().collect();
        assert_eq!((people.realms, people.ids), (vec![a, a], vec![a, b]));
    }
}
