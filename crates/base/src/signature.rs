//! Signatures (Ed25519) with keys derived from the installation's secrets, one for each purpose.
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::secret::{Secrets, sha256};

/// A text's signature, and what it is verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Name of the key, which follows from its public half.
    pub key: String,
    /// Ed25519 signature.
    pub signature: Vec<u8>,
}

/// Signs for one purpose. Clones share the keys.
#[derive(Clone)]
pub struct Signatory {
    current: SigningKey,
    /// Every key that is good, the current one first.
    good: Vec<VerifyingKey>,
}

impl Signatory {
    /// Whoever signs for `purpose`.
    #[must_use]
    pub fn new(secrets: &Secrets, purpose: &str) -> Self {
        let good = secrets.keys(purpose).map(|seed| SigningKey::from_bytes(&seed).verifying_key()).collect();
        Self { current: SigningKey::from_bytes(&secrets.key(purpose)), good }
    }

    /// Name of the key to sign with.
    #[must_use]
    pub fn key(&self) -> String {
        name(&self.current.verifying_key())
    }

    /// Names of the keys that are good, the one to sign with first.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.good.iter().map(name).collect()
    }

    /// Signs `text`.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signed {
        Signed { key: self.key(), signature: self.current.sign(text.as_bytes()).to_bytes().to_vec() }
    }

    /// Whether `signed` is of `text`; `None` when the key is none of ours, or not any more.
    #[must_use]
    pub fn verify(&self, text: &str, signed: &Signed) -> Option<bool> {
        let key = self.good.iter().find(|key| name(key) == signed.key)?;
        let signature = Signature::from_slice(&signed.signature).ok();
        Some(signature.is_some_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok()))
    }

    /// The public half of the key of this name.
    #[must_use]
    pub fn public(&self, key: &str) -> Option<[u8; 32]> {
        self.good.iter().find(|known| name(known) == key).map(VerifyingKey::to_bytes)
    }
}

fn name(key: &VerifyingKey) -> String {
    hex::encode(&sha256(&key.to_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatory(roots: &str, purpose: &str) -> Signatory {
        Signatory::new(&Secrets::parse(roots).expect("roots"), purpose)
    }

    /// AD-1: a signature holds for its text and purpose, and for as long as the secret that made it is listed.
    #[test]
    fn signatures_hold_for_what_they_are_of() {
        let (old, new) = ("ab".repeat(32), "cd".repeat(32));
        let signed = signatory(&old, "audit").sign("text");
        assert_eq!(signatory(&old, "audit").verify("text", &signed), Some(true));
        assert_eq!(signatory(&old, "audit").verify("other", &signed), Some(false));
        let forged = Signed { signature: vec![0; 64], ..signed.clone() };
        assert_eq!(signatory(&old, "audit").verify("text", &forged), Some(false));
        assert_eq!(signatory(&format!("{new},{old}"), "audit").verify("text", &signed), Some(true));
        for stranger in [signatory(&new, "audit"), signatory(&old, "other")] {
            assert_eq!(stranger.verify("text", &signed), None);
        }
        assert!(signatory(&old, "audit").public(&signed.key).is_some());
    }
}
