//! Argon2id in a bounded pool: as many at once as there are cores, since each takes its memory and a core.
use std::{sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kit::Error;
use tokio::{sync::Semaphore, task, time};

use super::Password;

/// Memory in KiB, passes and lanes.
const COST: (u32, u32, u32) = (47_104, 1, 1);
/// How long one waits for a seat.
const PATIENCE: Duration = Duration::from_secs(2);
/// What passwords of unknown people are compared with, so that it takes as long (ID-7). Nobody's password gives it.
const NOBODY: &str = "$argon2id$v=19$m=47104,t=1,p=1$bm9ib2R5IGlzIGhlcmUh$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords. Clones share the seats.
#[derive(Clone)]
pub struct Hasher {
    seats: Arc<Semaphore>,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or there is none.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, and its hash is weaker than those of today.
    RightButWeak,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new(thread::available_parallelism().map_or(1, usize::from))
    }
}

impl Hasher {
    /// A pool of so many seats.
    #[must_use]
    pub fn new(seats: usize) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)) }
    }

    /// The hash of a password, in PHC form.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        let password = password.clone();
        let hash = self.seated(move || argon2()?.hash_password(password.as_bytes())).await?;
        hash.map(|hash: PasswordHash| hash.to_string()).map_err(|e| broken(&e))
    }

    /// Compares with the hash of somebody, or of nobody.
    pub async fn verify(&self, hash: Option<&str>, password: &Password) -> Result<Verdict, Error> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or(NOBODY).to_owned());
        let password = password.clone();
        let verdict = self.seated(move || compare(&hash, &password)).await?.map_err(|e| broken(&e))?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// Every hash that is made or compared passes here, which is told for counting.
    async fn seated<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let seat = time::timeout(PATIENCE, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = seat.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
        tracing::debug!("a password is hashed");
        let done = task::spawn_blocking(move || {
            let _seat = seat; // kept until the work is done, even if nobody waits for it any longer
            work()
        });
        done.await.map_err(|e| Error::Internal(format!("hashing a password failed: {e}")))
    }
}

fn argon2() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn compare(hash: &str, password: &Password) -> argon2::password_hash::Result<Verdict> {
    let hash = PasswordHash::new(hash).map_err(|_| argon2::password_hash::Error::EncodingInvalid)?;
    match argon2()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) if is_weak(&hash)? => Ok(Verdict::RightButWeak),
        Ok(()) => Ok(Verdict::Right),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(error),
    }
}

fn is_weak(hash: &PasswordHash) -> argon2::password_hash::Result<bool> {
    let params = Params::try_from(hash)?;
    let other = hash.algorithm.as_str() != Algorithm::Argon2id.as_str();
    Ok(other || params.m_cost() < COST.0 || params.t_cost() < COST.1)
}

fn broken(error: &argon2::password_hash::Error) -> Error {
    Error::Internal(format!("a password cannot be hashed or compared: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-2: the right password is told from any other; an account without a password has no right one.
    #[tokio::test]
    async fn passwords_are_compared() -> anyhow::Result<()> {
        let (hasher, password) = (Hasher::default(), Password::given("correct horse battery"));
        let hash = hasher.hash(&password).await?;
        assert!(hash.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{hash}");
        assert_eq!(hasher.verify(Some(&hash), &password).await?, Verdict::Right);
        assert_eq!(hasher.verify(Some(&hash), &Password::given("Correct horse battery")).await?, Verdict::Wrong);
        assert_eq!(hasher.verify(None, &password).await?, Verdict::Wrong);
        Ok(())
    }

    /// ID-2: a hash of weaker parameters still opens, and is told to be weak.
    #[tokio::test]
    async fn weak_hashes_are_noticed() -> anyhow::Result<()> {
        let password = Password::given("correct horse battery");
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None)?);
        let hash: PasswordHash = weak.hash_password(password.as_bytes())?;
        let verdict = Hasher::default().verify(Some(&hash.to_string()), &password).await?;
        assert_eq!(verdict, Verdict::RightButWeak);
        Ok(())
    }

    /// ID-2: who waits too long for a seat is told to come back.
    #[tokio::test(start_paused = true)]
    async fn a_full_pool_is_busy() {
        let refused = Hasher::new(0).hash(&Password::given("correct horse battery")).await;
        assert!(matches!(refused, Err(Error::Busy)));
    }
}
