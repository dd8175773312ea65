//! Answers that are kept for repeated requests (PL-3) and that tell of somebody who was erased.
use kit::{Db, Error};

use crate::Person;

/// Forgets them, but for those about the job that a person is erased by; answers how many there were of each. Their keys
/// stay taken, so that what was done is not done again.
pub async fn forget<'a>(db: &Db, people: impl Iterator<Item = (&'a Person, &'a str)>) -> Result<Vec<i64>, Error> {
    let mut sought: Vec<_> = people.map(|(person, job)| (Sought::new(person, job), 0)).collect();
    if sought.is_empty() {
        return Ok(Vec::new());
    }
    kit::idempotency::forget(db, |answer| {
        let answer = answer.to_ascii_lowercase();
        let mut told = false;
        for (_, count) in sought.iter_mut().filter(|(sought, _)| sought.is_told_of(&answer)) {
            (told, *count) = (true, *count + 1);
        }
        told
    })
    .await?;
    Ok(sought.into_iter().map(|(_, count)| count).collect())
}

/// What an answer that tells of a person has in it.
struct Sought {
    parts: Vec<Vec<u8>>,
    job: Vec<u8>,
}

impl Sought {
    fn new(person: &Person, job: &str) -> Self {
        let id = String::from(person.customer);
        let parts = std::iter::once(&id).chain(&person.emails).chain(&person.phones);
        Self { parts: parts.map(|part| part.as_bytes().to_vec()).collect(), job: job.as_bytes().to_vec() }
    }

    fn is_told_of(&self, answer: &[u8]) -> bool {
        let has = |part: &[u8]| answer.windows(part.len().max(1)).any(|window| window == part);
        self.parts.iter().any(|part| has(part)) && !has(&self.job)
    }
}
