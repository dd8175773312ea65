//! The text of a file, whatever it is encoded in.
use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of `bytes` and the name of its encoding: what it says of itself in front, else what fits. Whatever is neither
/// UTF-8 nor UTF-16 is what spreadsheets write in the west.
#[must_use]
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let (encoding, front) = Encoding::for_bom(bytes).unwrap_or_else(|| (guess(bytes), 0));
    let (text, _) = encoding.decode_without_bom_handling(&bytes[front..]);
    let text = plain(text);
    let name = [(UTF_8, "utf-8"), (UTF_16LE, "utf-16le"), (UTF_16BE, "utf-16be")].into_iter();
    let name = name.clone().find(|(known, _)| *known == encoding).map_or("windows-1252", |(_, name)| name);
    (text, name)
}

/// The same with every line ended alike, the last one too: lines are counted by that.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.ends_with('\n') && !text.contains('\r') {
        return text;
    }
    let mut plain = text.replace("\r\n", "\n").replace('\r', "\n");
    if !plain.ends_with('\n') {
        plain.push('\n');
    }
    plain.into()
}

/// The encoding of what does not say it. Plain letters have a zero beside them in UTF-16.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let front = &bytes[..bytes.len().min(1_024) & !1];
    let zeros = |place: usize| front.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 4 > front.len() && even == 0 {
        UTF_16LE
    } else if even * 4 > front.len() && odd == 0 {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What spreadsheets of all kinds write is read.
    #[test]
    fn encodings_are_recognised() {
        let text = "Name;Straße\r\nJürgen;€ 5\r\n";
        let utf16 = |le: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if le { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let with = |front: &[u8], rest: &[u8]| [front, rest].concat();
        let ansi = WINDOWS_1252.encode(text).0.into_owned();
        for (bytes, expected) in [
            (text.as_bytes().to_vec(), "utf-8"),
            (with(b"\xef\xbb\xbf", text.as_bytes()), "utf-8"),
            (utf16(true), "utf-16le"),
            (with(b"\xff\xfe", &utf16(true)), "utf-16le"),
            (utf16(false), "utf-16be"),
            (with(b"\xfe\xff", &utf16(false)), "utf-16be"),
            (ansi, "windows-1252"),
        ] {
            let plain = "Name;Straße\nJürgen;€ 5\n";
            assert_eq!(decode(&bytes), (Cow::Borrowed(plain), expected), "{expected}");
        }
        assert_eq!(decode(b"a\rb"), (Cow::Borrowed("a\nb\n"), "utf-8"));
    }
}
