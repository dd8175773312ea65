//! The secret in the address of a redirect payment's page: made of the payment's id, so that it need not be stored.
use kit::secret::{Secrets, equal};

use super::PaymentId;

const PURPOSE: &str = "redirect-payment";

/// The secret of a payment: its id and a keyed hash of it.
#[must_use]
pub fn of(secrets: &Secrets, id: PaymentId) -> String {
    format!("{id}_{}", text(&secrets.keyed_hash(PURPOSE, id.uuid().as_bytes())))
}

/// The payment that `secret` opens.
#[must_use]
pub fn open(secrets: &Secrets, secret: &str) -> Option<PaymentId> {
    let (id, given) = secret.rsplit_once('_')?;
    let id: PaymentId = id.parse().ok()?;
    let good = secrets.keyed_hashes(PURPOSE, id.uuid().as_bytes());
    good.iter().any(|hash| equal(given.as_bytes(), text(hash).as_bytes())).then_some(id)
}

fn text(hash: &[u8; 32]) -> String {
    hash[..16].iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_house_makes_secrets() {
        let secrets = |digit: &str| Secrets::parse(&digit.repeat(64)).expect("64 digits");
        let id = PaymentId::from_uuid(uuid::Uuid::from_u128(7));
        let secret = of(&secrets("1"), id);
        assert_eq!(open(&secrets("1"), &secret), Some(id));
        assert_eq!(open(&secrets("2"), &secret), None);
        let rotated = Secrets::parse(&["2".repeat(64), "1".repeat(64)].join(",")).expect("two roots");
        assert_eq!(open(&rotated, &secret), Some(id));
        assert_eq!(open(&secrets("1"), &format!("{id}_")), None);
        assert_eq!(open(&secrets("1"), "anything"), None);
    }
}
