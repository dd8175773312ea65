//! Signed links to files (EX-2): whoever has one reads the file until it ends.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{ids::ExportId, secret::Secrets};

/// How long a link is good.
pub const GOOD: TimeDelta = TimeDelta::minutes(15);
const PURPOSE: &str = "customers export link";

fn signed(id: ExportId, expires: i64) -> Vec<u8> {
    format!("{id} {expires}").into_bytes()
}

/// The path of the file of `id` with a signature that is good until `until`.
pub fn write(secrets: &Secrets, id: ExportId, until: DateTime<Utc>) -> String {
    let expires = until.timestamp();
    let signature = hex::encode(secrets.keyed_hash(PURPOSE, &signed(id, expires)));
    format!("/files/exports/{id}?expires={expires}&signature={signature}")
}

/// Whether `signature` was made here for this file and this end.
pub fn is_good(secrets: &Secrets, id: ExportId, expires: i64, signature: &str) -> bool {
    hex::decode(signature).is_ok_and(|hash| secrets.is_keyed_hash(PURPOSE, &signed(id, expires), &hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-2: a link is good for one file and one end; nothing of it can be changed.
    #[test]
    fn a_link_is_good_for_one_file() {
        let secrets = Secrets::parse(&"00112233445566778899aabbccddeeff".repeat(2)).expect("a secret");
        let (one, other) = (ExportId::new(DateTime::UNIX_EPOCH), ExportId::new(DateTime::UNIX_EPOCH));
        let link = write(&secrets, one, DateTime::UNIX_EPOCH + GOOD);
        let signature = link.rsplit_once('=').expect("a signature").1;
        assert!(
            link.starts_with(&format!("/files/exports/{one}?expires=900&")) && is_good(&secrets, one, 900, signature)
        );
        assert!(!is_good(&secrets, one, 901, signature) && !is_good(&secrets, other, 900, signature));
        assert!(["", "00", "zz", &signature[2..]].iter().all(|wrong| !is_good(&secrets, one, 900, wrong)));
    }
}
