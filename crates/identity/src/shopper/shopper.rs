//! Who a shopper is, and which of their records the portal shows.
use kit::ids::ShopperId;
use proto::customers::v1::find_shopper_response::Record;
use uuid::Uuid;

/// The shopper of an e-mail address whose keyed hash this is.
#[must_use]
pub fn id(email_hash: [u8; 32]) -> ShopperId {
    let mut half = [0; 16];
    half.copy_from_slice(&email_hash[..16]);
    ShopperId::from_uuid(Uuid::from_bytes(half))
}

/// Whether the portal shows a record: somebody who has bought or has an account there, and is not kept out (ID-9).
#[must_use]
pub fn is_open(record: &Record) -> bool {
    record.status == "active" && (record.lifecycle == "customer" || record.registration == "registered")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-9, ID-15: who bought or registered is let in, unless they are inactive; a lead is nobody yet.
    #[test]
    fn records_are_open_or_not() {
        let record = |lifecycle: &str, registration: &str, status: &str| Record {
            lifecycle: lifecycle.to_owned(),
            registration: registration.to_owned(),
            status: status.to_owned(),
            ..Record::default()
        };
        assert!(is_open(&record("customer", "guest", "active")) && is_open(&record("lead", "registered", "active")));
        assert!(
            !is_open(&record("lead", "guest", "active")) && !is_open(&record("customer", "registered", "inactive"))
        );
    }
}
