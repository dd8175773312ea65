//! Files that are handed out: always to be kept, never shown as a page of ours, whole or in part (RFC 9110, 14).
use std::{future::Future, ops::Range, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a header takes of a name as it is (RFC 8187).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// A file.
#[derive(Clone, Debug)]
pub struct Download {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: i64,
    /// What tells its bytes from others in its place, as `ETag` has it; empty where nothing does.
    pub tag: String,
}

impl Download {
    /// What `headers` ask for a part by. Where it cannot be said, or is not so, that the file is still the one that was
    /// begun, there are no parts (RFC 9110, 13.1.5).
    fn asked<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let known = headers.get(header::IF_RANGE).is_none_or(|begun| !self.tag.is_empty() && *begun == *self.tag);
        headers.get(header::RANGE).filter(|_| known)
    }

    /// The part that `headers` ask for, the whole file without; `None` when there is no such part.
    #[must_use]
    pub fn range(&self, headers: &HeaderMap) -> Option<Range<i64>> {
        let whole = Some(0..self.size);
        let Some(wanted) = self.asked(headers) else { return whole };
        let one = wanted.to_str().ok().and_then(|text| text.strip_prefix("bytes=")).filter(|one| !one.contains(','));
        let Some((first, last)) = one.and_then(|one| one.split_once('-')) else { return whole };
        let (first, last) = (first.trim(), last.trim());
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok());
        let range = match (first.is_empty(), last.is_empty()) {
            (true, true) => return whole,
            (true, false) => self.size.saturating_sub(number(last)??)..self.size,
            (false, true) => number(first)??..self.size,
            (false, false) => number(first)??..number(last)??.saturating_add(1).min(self.size),
        };
        let range = range.start.max(0)..range.end;
        (range.start < range.end).then_some(range)
    }

    /// What is said of this part of it.
    #[must_use]
    pub fn head(&self, range: &Range<i64>) -> HeaderMap {
        let ascii: String = self.name.chars().map(|sign| if sign.is_ascii_graphic() { sign } else { '_' }).collect();
        let encoded = utf8_percent_encode(&self.name, PLAIN);
        let ascii = ascii.replace(['"', '\\'], "_");
        let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
        let mut head = HeaderMap::new();
        for (name, value) in [
            (header::CONTENT_TYPE, self.media_type.clone()),
            (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
            (header::CACHE_CONTROL, "private, no-store".to_owned()),
            (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
        ] {
            if let Ok(value) = HeaderValue::try_from(value) {
                head.insert(name, value);
            }
        }
        if let Some(tag) = HeaderValue::try_from(&self.tag).ok().filter(|tag| !tag.is_empty()) {
            head.insert(header::ETAG, tag);
        }
        head
    }
}

/// The part of `file` that `headers` ask for, of pieces that `read` answers: some bytes, but never more than it is told,
/// from a place on. `None` when there is no such part.
pub async fn hand_out<R, F, E>(file: &Download, headers: &HeaderMap, read: R) -> Result<Option<Response>, E>
where
    R: Fn(i64, i64) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Bytes, E>> + Send + 'static,
    E: 'static,
{
    let Some(range) = file.range(headers) else { return Ok(None) };
    let body = body(&range, read).await?;
    let mut head = file.head(&range);
    if file.asked(headers).is_none() || range == (0..file.size) {
        return Ok(Some((StatusCode::OK, head, body).into_response()));
    }
    if let Ok(place) = HeaderValue::try_from(format!("bytes {}-{}/{}", range.start, range.end - 1, file.size)) {
        head.insert(header::CONTENT_RANGE, place);
    }
    Ok(Some((StatusCode::PARTIAL_CONTENT, head, body).into_response()))
}

/// The bytes of `range`, of pieces that `read` answers as above: a piece at a time, however many they are.
pub async fn body<R, F, E>(range: &Range<i64>, read: R) -> Result<Body, E>
where
    R: Fn(i64, i64) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Bytes, E>> + Send + 'static,
    E: 'static,
{
    // Whatever is wrong is told before the file begins.
    let first = read(range.start, range.end - range.start).await?;
    let (read, end) = (Arc::new(read), range.end);
    let rest = stream::try_unfold(range.start + length(&first), move |place| {
        let read = Arc::clone(&read);
        async move {
            if place >= end {
                return Ok(None);
            }
            let piece = read(place, end - place).await;
            let piece = piece.map_err(|_| std::io::Error::other("a file could not be read to its end"))?;
            if piece.is_empty() {
                return Err(std::io::Error::other("a file is shorter than it was"));
            }
            let next = place + length(&piece);
            Ok(Some((piece, next)))
        }
    });
    let first = stream::once(async move { Ok::<_, std::io::Error>(first) });
    Ok(Body::from_stream(futures_util::StreamExt::chain(first, rest)))
}

fn length(piece: &Bytes) -> i64 {
    i64::try_from(piece.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    fn file(name: &str) -> Download {
        let tag = "\"a\"".to_owned();
        Download { name: name.to_owned(), media_type: "text/plain".to_owned(), size: 10, tag }
    }

    /// What is answered to somebody who asks for `range`: status, where it is, and the bytes.
    async fn asked(range: &str) -> Option<(u16, String, String)> {
        let mut headers = HeaderMap::new();
        if !range.is_empty() {
            headers.insert(header::RANGE, HeaderValue::try_from(range).expect("a value"));
        }
        let read = |from: i64, most: i64| async move {
            let all = Bytes::from_static(b"0123456789");
            let (from, most) = (usize::try_from(from).expect("a place"), usize::try_from(most.min(3)).expect("some"));
            Ok::<_, ()>(all.slice(from..from + most))
        };
        let answer = hand_out(&file("a"), &headers, read).await.expect("it is there")?;
        let place = answer.headers().get(header::CONTENT_RANGE).map(|place| place.to_str().expect("text").to_owned());
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 99).await.expect("a body");
        Some((status, place.unwrap_or_default(), String::from_utf8_lossy(&body).into_owned()))
    }

    #[tokio::test]
    async fn a_file_is_read_whole_or_in_part() {
        let part = |from: usize, to: usize| {
            Some((206, format!("bytes {from}-{}/10", to - 1), "0123456789"[from..to].to_owned()))
        };
        let whole = Some((200, String::new(), "0123456789".to_owned()));
        for (range, answer) in [
            ("", whole.clone()),
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-8", part(2, 9)),
            ("bytes=7-", part(7, 10)),
            ("bytes=-4", part(6, 10)),
            ("bytes=5-99", part(5, 10)),
            ("bytes=-99", whole.clone()),
            ("bytes=0-1,3-4", whole.clone()),
            ("lines=1-2", whole.clone()),
            ("bytes=10-", None),
            ("bytes=5-2", None),
            ("bytes=x-", None),
            ("bytes=-0", None),
        ] {
            assert_eq!(asked(range).await, answer, "{range}");
        }
    }

    /// OR-9: whoever goes on says what they began with; of another file there is all of it.
    #[test]
    fn a_part_is_of_what_was_begun() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=4-"));
        for (begun, expected) in [("\"a\"", 4), ("\"b\"", 0), ("W/\"a\"", 0), ("Tue, 03 Mar 2026 12:00:00 GMT", 0)] {
            headers.insert(header::IF_RANGE, HeaderValue::from_static(begun));
            assert_eq!(file("x").range(&headers), Some(expected..10), "{begun}");
        }
        headers.insert(header::IF_RANGE, HeaderValue::from_static(""));
        let untold = Download { tag: String::new(), ..file("x") };
        assert_eq!((untold.range(&headers), untold.head(&(0..10)).get(header::ETAG)), (Some(0..10), None));
        assert_eq!(file("x").head(&(0..10))[header::ETAG], "\"a\"");
    }

    /// ST-2: a file is kept, not shown, and its name says nothing that a header could misread.
    #[test]
    fn names_are_told_safely() {
        let head = file("Größe \"a\"\r\nx: y.txt").head(&(0..10));
        let told = head[header::CONTENT_DISPOSITION].to_str().expect("plain");
        let encoded = "Gr%C3%B6%C3%9Fe%20%22a%22%0D%0Ax%3A%20y.txt";
        assert_eq!(told, format!("attachment; filename=\"Gr__e__a___x:_y.txt\"; filename*=UTF-8''{encoded}"));
    }
}
