//! What may be handed in, told by what it holds and never by what it is called.
use infer::Infer;

/// A kind of file that is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its media type.
    pub media_type: &'static str,
    /// What names of such files end in, the usual first.
    endings: &'static [&'static str],
}

const TEXT: Kind = Kind { media_type: "text/plain", endings: &["txt", "log", "md"] };
const TABLE: Kind = Kind { media_type: "text/csv", endings: &["csv"] };
/// Nothing that a program would carry out, and nothing that a browser would take for a page.
const KINDS: [Kind; 7] = [
    Kind { media_type: "image/jpeg", endings: &["jpg", "jpeg"] },
    Kind { media_type: "image/png", endings: &["png"] },
    Kind { media_type: "image/gif", endings: &["gif"] },
    Kind { media_type: "image/webp", endings: &["webp"] },
    Kind { media_type: "image/heif", endings: &["heic", "heif"] },
    Kind { media_type: "application/pdf", endings: &["pdf"] },
    Kind { media_type: "application/zip", endings: &["zip"] },
];

/// Longest name, in characters.
const LONGEST: usize = 200;

impl Kind {
    /// What `content` is; `name` only tells tables from other text. `None` for everything that is not taken.
    #[must_use]
    pub fn of(content: &[u8], name: &str) -> Option<&'static Self> {
        if let Some(known) = Infer::new().get(content) {
            return KINDS.iter().find(|kind| kind.media_type == known.mime_type());
        }
        let is_table = TABLE.ends(name);
        is_text(content).then_some(if is_table { &TABLE } else { &TEXT })
    }

    fn ends(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| self.endings.contains(&ending.as_str()))
    }

    /// `given` as a name that a file of this kind may be kept under: without a path or signs that cannot be seen, of at
    /// most 200 characters, with an ending that says the truth.
    #[must_use]
    pub fn name(&self, given: &str) -> String {
        let plain = plain(given);
        let (stem, ending) = match plain.rsplit_once('.') {
            Some((stem, ending)) if self.ends(&plain) => (stem, ending),
            _ => (&*plain, self.endings[0]),
        };
        joined(stem, ending)
    }
}

/// `given` as the name of a file that is none of these: with its own ending, unless that would make it one of them;
/// `usual` without any.
pub fn honest(given: &str, usual: &str) -> String {
    let plain = plain(given);
    let lies = TEXT.ends(&plain) || TABLE.ends(&plain) || KINDS.iter().any(|kind| kind.ends(&plain));
    match plain.rsplit_once('.') {
        Some((stem, ending)) if !lies && (1..=10).contains(&ending.len()) && ending.is_ascii() => joined(stem, ending),
        _ => joined(&plain, if lies { "bin" } else { usual }),
    }
}

/// `given` as another name of the file `known`, whose ending it keeps.
#[must_use]
pub fn renamed(known: &str, given: &str) -> String {
    let (plain, ending) = (plain(given), known.rsplit_once('.').map_or("bin", |(_, ending)| ending));
    match plain.rsplit_once('.') {
        Some((stem, same)) if same.eq_ignore_ascii_case(ending) => joined(stem, ending),
        _ => joined(&plain, ending),
    }
}

/// A name without a path or signs that cannot be seen.
fn plain(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|sign| !is_hidden(*sign)).map(named).collect();
    plain.trim_matches(|sign: char| sign == '.' || sign.is_whitespace()).to_owned()
}

/// At most 200 characters.
fn joined(stem: &str, ending: &str) -> String {
    let stem: String = stem.chars().take(LONGEST - ending.len() - 1).collect();
    let stem = stem.trim_end_matches(|sign: char| sign == '.' || sign.is_whitespace());
    format!("{}.{ending}", if stem.is_empty() { "file" } else { stem })
}

/// Whether somebody reads it: UTF-8, without control characters, and no page or drawing.
fn is_text(content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(content) else { return false };
    let begins = text.trim_start_matches(|sign: char| sign == '\u{feff}' || sign.is_whitespace());
    let odd = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t' | '\x0c');
    !begins.is_empty() && !begins.starts_with('<') && !begins.starts_with("#!") && !text.contains(odd)
}

/// Signs that nobody sees, among them those that turn the direction of writing.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What no system minds in a name.
const fn named(sign: char) -> char {
    match sign {
        '"' | '<' | '>' | ':' | '|' | '?' | '*' | '%' | ';' => '_',
        sign => sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Option<&'static str> {
        Kind::of(content, "x").map(|kind| kind.media_type)
    }

    /// ST-2: what a file is, its bytes say.
    #[test]
    fn the_content_says_what_it_is() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        for (content, kind) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (heic, "image/heif"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0\0\0", "application/zip"),
            ("Grüße\r\n\tAda".as_bytes(), "text/plain"),
            (b"# A heading", "text/plain"),
        ] {
            assert_eq!(of(content), Some(kind));
        }
        assert_eq!(Kind::of(b"a,b\n1,2\n", "list.CSV").map(|kind| kind.media_type), Some("text/csv"));
    }

    /// ST-2: programs, scripts, pages and drawings are not taken, whatever they are called.
    #[test]
    fn what_could_do_harm_is_not_taken() {
        for content in [
            &b""[..],
            b"  \n",
            b"\x7fELF\x02\x01\x01\0",
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff",
            b"#!/bin/sh\nrm -rf ~\n",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"\xef\xbb\xbf <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<?xml version='1.0'?><svg/>",
            b"text\0with a zero",
            b"\xff\xfet\0e\0x\0t\0",
            b"\x1f\x8b\x08\0\0\0\0\0",
        ] {
            assert_eq!(of(content), None, "{}", String::from_utf8_lossy(content));
            assert_eq!(Kind::of(content, "photo.png"), None);
        }
    }

    /// ST-2: a name is a name: no path, nothing unseen, nothing that lies about what it is.
    #[test]
    fn names_are_made_plain() {
        let png = Kind::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "").expect("a picture");
        for (given, name) in [
            ("lid.png", "lid.png"),
            ("Lid.PNG", "Lid.PNG"),
            ("../../etc/passwd", "passwd.png"),
            (r"C:\Users\ada\lid.png", "lid.png"),
            ("invoice.exe", "invoice.exe.png"),
            ("evil\u{202e}gnp.exe", "evilgnp.exe.png"),
            ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png"),
            ("\"; filename=x.html", "__ filename=x.html.png"),
            ("", "file.png"),
            ("...", "file.png"),
            (".png", "png.png"),
            ("Größe 😀.png", "Größe 😀.png"),
        ] {
            assert_eq!(png.name(given), name, "{given}");
        }
        let long = png.name(&format!("{}.png", "é".repeat(500)));
        assert_eq!((long.chars().count(), png.ends(&long)), (LONGEST, true));
    }
}
