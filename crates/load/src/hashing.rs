//! What the machine can hash: the upper limit of signing in with a password.
use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use argon2::{Algorithm, Argon2, Params, Version};

/// Memory in KiB, passes and lanes: those of identity, which a test of its own holds.
const COST: (u32, u32, u32) = (47_104, 1, 1);

/// Argon2id hashes a second, with a thread on each core.
pub fn rate(duration: Duration) -> anyhow::Result<f64> {
    let cores = thread::available_parallelism()?.get();
    let began = Instant::now();
    let threads: Vec<_> = (0..cores).map(|_| thread::spawn(move || hash_until(began + duration))).collect();
    let mut hashes = 0;
    for thread in threads {
        hashes += thread.join().map_err(|_| anyhow!("hashing failed"))??;
    }
    Ok(f64::from(hashes) / began.elapsed().as_secs_f64())
}

fn hash_until(end: Instant) -> anyhow::Result<u32> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(|error| anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut hash, mut hashes) = ([0; 32], 0);
    while Instant::now() < end {
        argon2
            .hash_password_into(b"a long enough password", b"sixteen bytes of", &mut hash)
            .map_err(|e| anyhow!("{e}"))?;
        hashes += 1;
    }
    Ok(hashes)
}
