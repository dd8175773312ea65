//! Signed links to files (OR-9): whoever has one reads the file until it ends, is used up, or what it is for is taken away.
use chrono::{DateTime, Utc};
use kit::{ids::DownloadId, secret::Secrets};

const PURPOSE: &str = "orders download link";

fn signed(id: DownloadId, expires: i64) -> Vec<u8> {
    format!("{id} {expires}").into_bytes()
}

/// The address of the download `id` on the house at `public`, good until `until`.
#[must_use]
pub fn write(secrets: &Secrets, public: &str, id: DownloadId, until: DateTime<Utc>) -> String {
    let expires = until.timestamp();
    let signature = hex::encode(secrets.keyed_hash(PURPOSE, &signed(id, expires)));
    format!("{public}/files/downloads/{id}?expires={expires}&signature={signature}")
}

/// Whether `signature` was made here for this download and this end.
#[must_use]
pub fn is_good(secrets: &Secrets, id: DownloadId, (expires, signature): (i64, &str)) -> bool {
    hex::decode(signature).is_ok_and(|hash| secrets.is_keyed_hash(PURPOSE, &signed(id, expires), &hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-9: a link is good for one download and one end; nothing of it can be changed.
    #[test]
    fn a_link_is_good_for_one_download() {
        let secrets = Secrets::parse(&"00112233445566778899aabbccddeeff".repeat(2)).expect("a secret");
        let (one, other) = (DownloadId::new(DateTime::UNIX_EPOCH), DownloadId::new(DateTime::UNIX_EPOCH));
        let link = write(&secrets, "https://x.example", one, DateTime::UNIX_EPOCH);
        let signature = link.rsplit_once('=').expect("a signature").1;
        assert!(link.starts_with(&format!("https://x.example/files/downloads/{one}?expires=0&")));
        assert!(is_good(&secrets, one, (0, signature)));
        assert!(!is_good(&secrets, one, (1, signature)) && !is_good(&secrets, other, (0, signature)));
        assert!(["", "00", "zz", &signature[2..]].iter().all(|wrong| !is_good(&secrets, one, (0, wrong))));
    }
}
