//! Argon2id in a bounded pool: as many at once as there are cores, since each takes its memory and a core.
use std::{
    mem,
    ops::DerefMut,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self, PasswordHasher,
        phc::{Output, PasswordHash},
    },
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
    count: usize,
    memory: Memory,
}

/// Memory of seats that were just left. Fresh memory has to be cleared by the system, which takes as long as a good part
/// of the hash; while many come one after the other, it goes from hand to hand.
type Memory = Arc<Mutex<Vec<Vec<Block>>>>;

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
        Self { seats: Arc::new(Semaphore::new(seats)), count: seats, memory: Memory::default() }
    }

    /// The hash of a password, in PHC form.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        let password = password.clone();
        let hash = self.seated(move |_| argon2()?.hash_password(password.as_bytes())).await?;
        hash.map(|hash: PasswordHash| hash.to_string()).map_err(|e| broken(&e))
    }

    /// Compares with the hash of somebody, or of nobody.
    pub async fn verify(&self, hash: Option<&str>, password: &Password) -> Result<Verdict, Error> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or(NOBODY).to_owned());
        let password = password.clone();
        let verdict = self.seated(move |memory| compare(&hash, &password, memory)).await?.map_err(|e| broken(&e))?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// Every hash that is made or compared passes here, which is told for counting.
    async fn seated<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let seat = time::timeout(PATIENCE, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = seat.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
        tracing::debug!("a password is hashed");
        let this = self.clone();
        let done = task::spawn_blocking(move || {
            let _seat = seat; // kept until the work is done, even if nobody waits for it any longer
            let mut memory = this.memory().pop().unwrap_or_default();
            let done = work(&mut memory);
            this.leave(memory);
            done
        });
        done.await.map_err(|e| Error::Internal(format!("hashing a password failed: {e}")))
    }

    fn memory(&self) -> impl DerefMut<Target = Vec<Vec<Block>>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves memory to whoever comes next. The last one gives all of it back.
    fn leave(&self, memory: Vec<Block>) {
        let is_last = self.seats.available_permits() + 1 == self.count;
        let mut kept = self.memory();
        if is_last && self.count > 1 { drop(mem::take(&mut *kept)) } else { kept.push(memory) }
    }
}

fn argon2() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn compare(hash: &str, password: &Password, memory: &mut Vec<Block>) -> password_hash::Result<Verdict> {
    let malformed = || password_hash::Error::EncodingInvalid;
    let hash = PasswordHash::new(hash).map_err(|_| malformed())?;
    let (salt, expected) = hash.salt.zip(hash.hash).ok_or_else(malformed)?;
    let params = Params::try_from(&hash)?;
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from)?;
    let mut found = vec![0; expected.len()];
    let argon2 = Argon2::new(algorithm, version, params);
    argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut found, &mut memory[..blocks])?;
    // Outputs are compared in constant time.
    match Output::new(&found)? == expected {
        true if is_weak(&hash)? => Ok(Verdict::RightButWeak),
        true => Ok(Verdict::Right),
        false => Ok(Verdict::Wrong),
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
