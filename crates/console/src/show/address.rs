//! Postal addresses, line by line.
use kit::label;
use proto::base::v1::Address;

/// An address as an envelope shows it, in the order of its country, and the phone.
pub fn postal(address: &Address) -> String {
    let mut lines = label::lines(&address.clone().into());
    lines.extend(Some(address.phone.clone()).filter(|phone| !phone.is_empty()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parts_leave_no_gap() {
        let address = Address {
            name: "Ada".to_owned(),
            line1: "Main St 1".to_owned(),
            city: "Berlin".to_owned(),
            postal_code: "10115".to_owned(),
            country: "DE".to_owned(),
            ..Address::default()
        };
        assert_eq!(postal(&address), "Ada\nMain St 1\n10115 Berlin\nGERMANY");
        assert_eq!(postal(&Address::default()), "");
    }
}
