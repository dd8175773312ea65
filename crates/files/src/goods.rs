//! What staff hand in to be sold or shown: any file at all, told by what it holds and never by what it is called. What a
//! browser could carry out is told as mere bytes.
use infer::{Infer, MatcherType};

use crate::{Kind, kind};

/// What a file is, as far as its bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Its media type; `application/octet-stream` for what is not known, or better not said.
    pub media_type: &'static str,
    /// A name that it may be kept under.
    pub name: String,
}

/// What is not known, or better not said.
const BYTES: &str = "application/octet-stream";
/// Pictures that every browser shows.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

impl Goods {
    /// What `content` is that was handed in as `given`.
    #[must_use]
    pub fn of(content: &[u8], given: &str) -> Self {
        if let Some(kind) = Kind::of(content, given) {
            return Self { media_type: kind.media_type, name: kind.name(given) };
        }
        let known = Infer::new().get(content).filter(|known| is_harmless(known.matcher_type()));
        let media_type = known.map_or(BYTES, |known| known.mime_type());
        Self { media_type, name: kind::honest(given, known.map_or("bin", |known| known.extension())) }
    }

    /// Whether a browser shows it as a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        SHOWN.contains(&self.media_type)
    }
}

/// Neither a program nor a page.
const fn is_harmless(kind: MatcherType) -> bool {
    matches!(
        kind,
        MatcherType::Archive
            | MatcherType::Audio
            | MatcherType::Book
            | MatcherType::Doc
            | MatcherType::Font
            | MatcherType::Image
            | MatcherType::Video
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goods(content: &[u8], given: &str) -> (&'static str, String) {
        let Goods { media_type, name } = Goods::of(content, given);
        (media_type, name)
    }

    /// CA-1: what a file is, its bytes say; what could do harm is bytes, and its name does not claim otherwise.
    #[test]
    fn the_content_says_what_is_sold() {
        for (content, given, media_type, name) in [
            (&b"%PDF-1.7\n"[..], "book.pdf", "application/pdf", "book.pdf"),
            (b"%PDF-1.7\n", "book.png", "application/pdf", "book.png.pdf"),
            (b"ID3\x03\0\0\0\0\0\0", "song.mp3", "audio/mpeg", "song.mp3"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "a/b.tar.gz", "application/gzip", "b.tar.gz"),
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "setup.exe", BYTES, "setup.exe"),
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "photo.jpg", BYTES, "photo.jpg.bin"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "page.html", BYTES, "page.html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "", BYTES, "file.bin"),
            (b"\0\x01\x02\x03", "evil\u{202e}fdp.exe", BYTES, "evilfdp.exe"),
        ] {
            assert_eq!(goods(content, given), (media_type, name.to_owned()), "{given}");
        }
        assert!(Goods::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "").is_picture());
        assert!(!Goods::of(b"<svg/>", "a.png").is_picture() && !Goods::of(b"%PDF-1.7\n", "a.png").is_picture());
    }
}
