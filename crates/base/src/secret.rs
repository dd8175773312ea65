//! Secrets: keys derived from one root, keyed hashes, sealing, tokens.
use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    aead, digest, hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};

/// The roots that every key of an installation is derived from: the first makes what is new, every one of them opens and
/// recognises what was made before. Clones share them; they are never printed.
#[derive(Clone)]
pub struct Secrets(Arc<Roots>);

struct Roots {
    current: hkdf::Prk,
    former: Vec<hkdf::Prk>,
}

/// A secret that cannot be used.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    /// The root has the wrong form.
    #[error("the secret must be 64 hexadecimal digits, or several such separated by commas")]
    Malformed,
    /// Sealed with another key, for another purpose, or altered.
    #[error("the sealed value cannot be opened")]
    Unsealable,
}

impl Secrets {
    /// Reads the roots: 64 hexadecimal digits each, separated by commas, the one to use first.
    pub fn parse(roots: &str) -> Result<Self, SecretError> {
        let mut roots = roots.split(',').map(root);
        let current = roots.next().ok_or(SecretError::Malformed)??;
        Ok(Self(Arc::new(Roots { current, former: roots.collect::<Result<_, _>>()? })))
    }

    /// The 32-byte key for one purpose.
    #[must_use]
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        derive(&self.0.current, purpose)
    }

    /// The keys for one purpose that are good, the one to use first.
    pub fn keys(&self, purpose: &str) -> impl Iterator<Item = [u8; 32]> {
        self.roots().map(move |root| derive(root, purpose))
    }

    /// HMAC-SHA256 of `value` for one purpose: what low-entropy secrets (codes) are stored as.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        keyed_hash(&self.key(purpose), value)
    }

    /// All hashes that `value` may have been stored as, today's first.
    #[must_use]
    pub fn keyed_hashes(&self, purpose: &str, value: &[u8]) -> Vec<[u8; 32]> {
        self.keys(purpose).map(|key| keyed_hash(&key, value)).collect()
    }

    /// Whether `hash` is that of `value`, in constant time for each key.
    #[must_use]
    pub fn is_keyed_hash(&self, purpose: &str, value: &[u8], hash: &[u8]) -> bool {
        self.keyed_hashes(purpose, value).iter().any(|known| equal(known, hash))
    }

    /// The same with the first root only: what it opens needs no sealing anew.
    #[must_use]
    pub fn newest(&self) -> Self {
        Self(Arc::new(Roots { current: self.0.current.clone(), former: Vec::new() }))
    }

    /// Encrypts `plain` (AES-256-GCM, random nonce in front). `context` must be the same when it is opened.
    #[must_use]
    pub fn seal(&self, purpose: &str, context: &[u8], plain: &[u8]) -> Vec<u8> {
        seal_with(&self.key(purpose), context, plain)
    }

    /// Decrypts what [`Secrets::seal`] made.
    pub fn open(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        self.keys(purpose).find_map(|key| open_with(&key, context, sealed).ok()).ok_or(SecretError::Unsealable)
    }

    fn roots(&self) -> impl Iterator<Item = &hkdf::Prk> {
        std::iter::once(&self.0.current).chain(&self.0.former)
    }
}

fn root(text: &str) -> Result<hkdf::Prk, SecretError> {
    let root: [u8; 32] = hex::decode(text.trim()).ok().and_then(|r| r.try_into().ok()).ok_or(SecretError::Malformed)?;
    Ok(hkdf::Salt::new(hkdf::HKDF_SHA256, b"patron").extract(&root))
}

fn derive(root: &hkdf::Prk, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    if let Ok(output) = root.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256) {
        // Cannot fail: the length is that of the hash.
        let _ = output.fill(&mut key);
    }
    key
}

fn aead(key: &[u8; 32]) -> aead::LessSafeKey {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key);
    aead::LessSafeKey::new(key.unwrap_or_else(|_| unreachable!("AES-256 takes 32 bytes")))
}

/// Encrypts `plain` with `key` (AES-256-GCM, random nonce in front). `context` must be the same when it is opened.
#[must_use]
pub fn seal_with(key: &[u8; 32], context: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; 12] = random();
    let mut sealed = plain.to_vec();
    let nonce_ = aead::Nonce::assume_unique_for_key(nonce);
    if aead(key).seal_in_place_append_tag(nonce_, aead::Aad::from(context), &mut sealed).is_err() {
        sealed.clear(); // only beyond 64 GiB, which no caller has; an empty value never opens
    }
    [&nonce, sealed.as_slice()].concat()
}

/// Decrypts what [`seal_with`] made.
pub fn open_with(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
    let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(SecretError::Unsealable)?;
    let mut plain = sealed.to_vec();
    let nonce = aead::Nonce::assume_unique_for_key(*nonce);
    let opened = aead(key).open_in_place(nonce, aead::Aad::from(context), &mut plain);
    let length = opened.map_err(|_| SecretError::Unsealable)?.len();
    plain.truncate(length);
    Ok(plain)
}

/// HMAC-SHA256 of `value` under `key`.
#[must_use]
pub fn keyed_hash(key: &[u8; 32], value: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), value).as_ref());
    hash
}

/// SHA-256, which is how tokens of 256 random bits are stored.
#[must_use]
pub fn sha256(value: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, value).as_ref());
    hash
}

/// A fresh opaque token: `prefix_` and 256 random bits in base64url.
#[must_use]
pub fn token(prefix: &str) -> String {
    format!("{prefix}_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A fresh code of six decimal digits, each equally likely.
#[must_use]
pub fn code() -> String {
    loop {
        let number = u32::from_be_bytes(random());
        if number < u32::MAX - u32::MAX % 1_000_000 {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// Compares in constant time.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    a.ct_eq(b).into()
}

/// Random bytes from the operating system.
///
/// # Panics
/// When it gives none: nothing is safe to go on then.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    assert!(SystemRandom::new().fill(&mut bytes).is_ok(), "the operating system gives no randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn secrets() -> Secrets {
        Secrets::parse(ROOT).expect("a root")
    }

    /// PL-7: what is sealed opens for the same purpose and context only, and not when a bit of it was changed.
    #[test]
    fn sealed_values_open_where_they_belong() {
        let sealed = secrets().seal("code", b"row 1", b"123456");
        assert_eq!(secrets().open("code", b"row 1", &sealed), Ok(b"123456".to_vec()));
        assert_ne!(sealed, secrets().seal("code", b"row 1", b"123456"), "a fresh nonce each time");
        let other = Secrets::parse(&ROOT.replace('0', "1")).expect("a root");
        for (keys, purpose, context) in
            [(secrets(), "other", &b"row 1"[..]), (secrets(), "code", b"row 2"), (other, "code", b"row 1")]
        {
            assert_eq!(keys.open(purpose, context, &sealed), Err(SecretError::Unsealable));
        }
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert_eq!(secrets().open("code", b"row 1", &altered), Err(SecretError::Unsealable));
        }
        assert_eq!(secrets().open("code", b"row 1", &[]), Err(SecretError::Unsealable));
    }

    /// PL-7: after a rotation the former root still opens and recognises; what is new is made with the first alone.
    #[test]
    fn roots_are_rotated() {
        let next = ROOT.replace('0', "1");
        let [before, after] = [format!("{ROOT},{next}"), format!("{next}, {ROOT}")]
            .map(|roots| Secrets::parse(&roots).expect("two roots"));
        let (old, new) = (secrets(), Secrets::parse(&next).expect("a root"));
        assert_eq!(before.keyed_hash("p", b"v"), old.keyed_hash("p", b"v"));
        assert_eq!(after.keyed_hash("p", b"v"), new.keyed_hash("p", b"v"));
        assert_eq!(after.keyed_hashes("p", b"v"), [new.keyed_hash("p", b"v"), old.keyed_hash("p", b"v")]);
        for (maker, reader, good) in [
            (&old, &before, true),
            (&old, &after, true),
            (&after, &before, true),
            (&after, &new, true),
            (&after, &old, false),
            (&before, &after.newest(), false),
        ] {
            assert_eq!(reader.open("p", b"c", &maker.seal("p", b"c", b"v")).is_ok(), good);
            assert_eq!(reader.is_keyed_hash("p", b"v", &maker.keyed_hash("p", b"v")), good);
        }
    }

    #[test]
    fn a_root_has_one_form() {
        let ends = [format!("{ROOT},"), format!(",{ROOT}"), format!("{ROOT},00")];
        let [first, last, short] = ends.each_ref().map(String::as_str);
        for root in ["", "00", first, last, short, &ROOT[1..], &format!("{ROOT}00"), &ROOT.replace('f', "g")] {
            assert!(Secrets::parse(root).is_err(), "{root}");
        }
    }

    /// ID-6: codes are six digits.
    #[test]
    fn codes_are_six_digits() {
        for _ in 0..1000 {
            let code = code();
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
    }

    /// API §2: keys are longer than 30 characters; tokens never repeat.
    #[test]
    fn tokens_are_long_and_different() {
        let (one, two) = (token("store"), token("store"));
        assert!(one.starts_with("store_") && one.len() > 30 && one != two);
    }
}
