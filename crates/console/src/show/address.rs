//! Postal addresses, line by line.
use proto::base::v1::Address;

/// An address as an envelope shows it; the country stays a code.
pub fn postal(address: &Address) -> String {
    let town = [&address.postal_code, &address.city, &address.region].map(|part| part.trim());
    let town = town.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let lines =
        [&address.name, &address.business, &address.line1, &address.line2, &town, &address.country, &address.phone];
    lines.into_iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
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
        assert_eq!(postal(&address), "Ada\nMain St 1\n10115 Berlin\nDE");
        assert_eq!(postal(&Address::default()), "");
    }
}
