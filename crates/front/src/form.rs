//! Forms with files in them (`multipart/form-data`, RFC 7578).
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use multer::Multipart;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout, timeout_at},
};

/// Forms with files are held in memory until the service behind has them: so many at a time.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(2);
/// How long the first bytes may take …
const GRACE: Duration = Duration::from_secs(5);
/// … and how many more have to come each second: slower than the slowest line, but not by the drop.
const PACE: u64 = 256 * 1024;

/// Most parts of a form.
const MOST: usize = 40;

/// A place among the forms that are held in memory.
pub type Turn = SemaphorePermit<'static>;

/// A turn; none when others take too long over theirs.
pub async fn turn() -> Option<Turn> {
    timeout(WAIT, AT_ONCE.acquire()).await.ok()?.ok()
}

/// Until when the next bytes of a body have to come that began to be read at `begun`, of which `received` are here: whoever
/// has a turn and sends nothing would keep it from others.
#[must_use]
pub fn due(begun: Instant, received: usize) -> Instant {
    begun + GRACE + Duration::from_secs(received as u64 / PACE)
}

/// Why a body did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is larger than it may be.
    TooLarge,
    /// It came too slowly, or broke off.
    Broken,
}

/// A whole body of at most `room` bytes.
pub async fn receive(body: Body, room: usize) -> Result<Bytes, BodyError> {
    let (mut body, mut all, begun) = (body.into_data_stream(), BytesMut::new(), Instant::now());
    loop {
        let part = timeout_at(due(begun, all.len()), body.next()).await.map_err(|_| BodyError::Broken)?;
        let Some(part) = part else { return Ok(all.freeze()) };
        all.extend_from_slice(&part.map_err(|_| BodyError::Broken)?);
        if all.len() > room {
            return Err(BodyError::TooLarge);
        }
    }
}

/// Whether `kind` is that of a form with files.
#[must_use]
pub fn has_files(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| multer::parse_boundary(kind).is_ok())
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// What a file is called, where it is one.
    pub file_name: Option<String>,
    /// What it holds.
    pub data: Bytes,
}

/// Why it is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// It says to be something else.
    Other,
    /// It does not keep to its own boundary, or has too many parts.
    Malformed,
}

impl Part {
    /// Its text; nothing where that is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        std::str::from_utf8(&self.data).unwrap_or_default().to_owned()
    }
}

/// The parts of `body`, which says to be of this `kind`.
pub async fn parts(kind: Option<&str>, body: Bytes) -> Result<Vec<Part>, FormError> {
    let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| FormError::Other)?;
    let body = stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let (mut form, mut parts) = (Multipart::new(body, boundary), Vec::new());
    while let Some(field) = form.next_field().await.map_err(|_| FormError::Malformed)? {
        let name = field.name().ok_or(FormError::Malformed)?.to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let data = field.bytes().await.map_err(|_| FormError::Malformed)?;
        parts.push(Part { name, file_name, data });
        if parts.len() > MOST {
            return Err(FormError::Malformed);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=x";

    async fn read(kind: Option<&str>, body: &str) -> Result<Vec<Part>, FormError> {
        parts(kind, Bytes::copy_from_slice(body.as_bytes())).await
    }

    #[tokio::test]
    async fn forms_are_read_part_by_part() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nHello\r\n--x\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\n--y\r\n\r\n--x--\r\n";
        let read = read(Some(KIND), body).await.expect("a form");
        assert_eq!((read[0].text().as_str(), &read[0].file_name), ("Hello", &None));
        assert_eq!((read[1].file_name.as_deref(), &read[1].data[..]), (Some("a.txt"), &b"--y\r\n"[..]));
    }

    /// PL-6: whoever sends nothing loses their turn; whoever sends at the pace of a slow line keeps it to the end.
    #[tokio::test(start_paused = true)]
    async fn a_body_has_to_come() {
        let body = |pause: Duration, parts: usize| {
            Body::from_stream(stream::iter(0..parts).then(move |_| async move {
                tokio::time::sleep(pause).await;
                Ok::<_, std::convert::Infallible>(vec![b'x'; 256 * 1024])
            }))
        };
        assert_eq!(receive(body(Duration::from_secs(1), 40), 1 << 24).await.map(|all| all.len()), Ok(40 << 18));
        assert_eq!(receive(body(Duration::from_millis(1_500), 40), 1 << 24).await, Err(BodyError::Broken));
        assert_eq!(receive(body(GRACE + Duration::from_millis(1), 1), 1 << 24).await, Err(BodyError::Broken));
        assert_eq!(receive(body(Duration::ZERO, 2), 1 << 18).await, Err(BodyError::TooLarge));
        let taken = AT_ONCE.acquire_many(4).await;
        assert!(turn().await.is_none(), "all of them are taken, and nobody waits for ever");
        drop(taken);
        assert!(turn().await.is_some());
    }

    #[tokio::test]
    async fn what_is_no_form_is_told_apart() {
        for kind in [None, Some("application/json"), Some("multipart/form-data")] {
            assert_eq!(read(kind, "").await, Err(FormError::Other), "{kind:?}");
        }
        let cut = "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf";
        let unnamed = "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n";
        let many = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n".repeat(MOST + 1) + "--x--\r\n";
        for body in ["", "nothing", cut, unnamed, &many] {
            assert_eq!(read(Some(KIND), body).await, Err(FormError::Malformed), "{body}");
        }
    }
}
