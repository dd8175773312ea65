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

/// Whether the portal shows a record: somebody who has bought, has an account or was given something there (OR-1), and is not
/// kept out (ID-9).
#[must_use]
pub fn is_open(record: &Record) -> bool {
    let was_given = record.stores.iter().any(|store| store.gifted_at.is_some());
    record.status == "active" && (record.lifecycle == "customer" || record.registration == "registered" || was_given)
}

#[cfg(test)]
mod tests {
    use proto::customers::v1::find_shopper_response::StoreRecord;

    use super::*;

    /// ID-9, ID-15, OR-1: who bought, registered or was given something is let in, unless they are inactive; a lead is nobody yet.
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
        let given = StoreRecord { gifted_at: Some(prost_types::Timestamp::default()), ..StoreRecord::default() };
        let given = |status: &str| Record { stores: vec![given.clone()], ..record("lead", "guest", status) };
        assert!(is_open(&given("active")) && !is_open(&given("inactive")));
    }
}
