//! Recovery codes: for when the authenticator is lost. Each has 80 random bits, so that a plain hash of it tells nothing.
use kit::secret;

/// How many there are.
const CODES: usize = 10;
/// Random bytes of each, which make sixteen letters.
const BYTES: usize = 10;
const LETTERS: usize = 16;
/// Crockford's base 32: no letters that are taken for others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Fresh codes as people write them down: four groups of four.
#[must_use]
pub fn fresh() -> Vec<String> {
    (0..CODES).map(|_| write(secret::random())).collect()
}

fn write(bytes: [u8; BYTES]) -> String {
    let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let letter = |place: usize| char::from(ALPHABET[usize::try_from(number >> (5 * place) & 31).unwrap_or_default()]);
    let mut code = String::new();
    for place in (0..LETTERS).rev() {
        code.push(letter(place));
        if place % 4 == 0 && place > 0 {
            code.push('-');
        }
    }
    code
}

/// The hash that a code is kept as, however it was written; `None` when it is no recovery code.
#[must_use]
pub fn hash(code: &str) -> Option<[u8; 32]> {
    let read = |letter: char| match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    };
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(read).collect();
    let known = code.len() == LETTERS && code.bytes().all(|letter| ALPHABET.contains(&letter));
    known.then(|| secret::sha256(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-20: ten different codes, known again however they are written; six digits are none.
    #[test]
    fn codes_are_known_again() {
        let codes = fresh();
        let distinct: std::collections::BTreeSet<_> = codes.iter().filter_map(|code| hash(code)).collect();
        assert_eq!((codes.len(), distinct.len()), (CODES, CODES));
        assert_eq!(write([0xff; BYTES]), "zzzz-zzzz-zzzz-zzzz");
        assert_eq!(hash("0123-4567-89ab-cdef"), hash(" OI23 4567 89AB CDEF "));
        assert_eq!(hash("0123-4567-89ab-cdef"), hash("ol23456789abcdef"));
        for wrong in ["", "123456", "0123-4567-89ab-cde", "0123-4567-89ab-cdeu", "0123-4567-89ab-cdéf"] {
            assert_eq!(hash(wrong), None, "{wrong}");
        }
    }
}
