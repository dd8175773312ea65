//! Postal addresses as an envelope shows them: the lines in the order that their country uses (CU-9).
use std::{collections::HashMap, sync::LazyLock};

use crate::address::Address;

/// One country a line; the file says where it comes from.
const FORMATS: &str = include_str!("label/formats.tsv");
/// For countries whose order nobody knows.
const ANY: &str = "%N|%O|%A|%Z %C|%S";

/// How a country prints addresses.
struct Format {
    name: &'static str,
    order: &'static str,
    /// For addresses in Latin letters.
    latin: &'static str,
}

static COUNTRIES: LazyLock<HashMap<&str, Format>> = LazyLock::new(|| {
    let rows = FORMATS.lines().filter(|line| !line.starts_with('#'));
    let read = |row: &'static str| {
        let mut columns = row.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let (code, name, order, latin) = (next(), next(), next(), next());
        let order = if order.is_empty() { ANY } else { order };
        (code, Format { name, order, latin: if latin.is_empty() { order } else { latin } })
    };
    rows.map(read).collect()
});

/// Whether `code` is a country's.
pub(crate) fn knows(code: &str) -> bool {
    COUNTRIES.contains_key(code)
}

/// The lines of `address`, the country last; what is empty leaves no gap. The phone is no part of it.
#[must_use]
pub fn lines(address: &Address) -> Vec<String> {
    let country = COUNTRIES.get(address.country.as_str());
    let order = country.map_or(ANY, |country| if is_latin(address) { country.latin } else { country.order });
    let order = with_city(order);
    let mut lines: Vec<String> = order.split('|').flat_map(|line| print(line, address)).collect();
    let name = country.map(|country| country.name).filter(|name| !name.is_empty());
    lines.extend(name.or(Some(address.country.as_str()).filter(|code| !code.is_empty())).map(str::to_owned));
    lines
}

/// Whether the town and the street are written in Latin letters.
fn is_latin(address: &Address) -> bool {
    let letters = [&address.line1, &address.city, &address.region].into_iter().flat_map(|text| text.chars());
    letters.filter(|letter| letter.is_alphabetic()).all(|letter| matches!(u32::from(letter), ..0x250 | 0x1e00..0x1f00))
}

/// `order` with a place for the city, which some countries count among the lines of the street or the region.
fn with_city(order: &str) -> String {
    if order.contains("%C") {
        return order.to_owned();
    }
    let region_first = order.find("%S").zip(order.find("%A")).is_some_and(|(region, street)| region < street);
    match order.contains("%S") {
        true if region_first => order.replace("%S", "%S%C"),
        true => order.replace("%S", "%C, %S"),
        false => format!("{order}|%C"),
    }
}

/// One line of a format: the fields that are there, with what stands between them.
fn print(line: &str, address: &Address) -> Vec<String> {
    if line == "%A" {
        return [&address.line1, &address.line2].into_iter().filter(|text| !text.is_empty()).cloned().collect();
    }
    let (mut printed, mut between, mut is_literal) = (String::new(), String::new(), true);
    let mut rest = line.chars();
    while let Some(sign) = rest.next() {
        if sign != '%' {
            between.push(sign);
            continue;
        }
        is_literal = false;
        let value = field(rest.next(), address);
        let at_start = line.starts_with(between.as_str()) && printed.is_empty();
        if !value.is_empty() {
            if at_start || !printed.is_empty() {
                printed.push_str(&between);
            }
            printed.push_str(&value);
        }
        between.clear();
    }
    if is_literal {
        printed = between; // the name of an island, which stands on every label there
    }
    if printed.trim().is_empty() { Vec::new() } else { vec![printed.trim().to_owned()] }
}

fn field(letter: Option<char>, address: &Address) -> String {
    match letter {
        Some('N') => address.name.clone(),
        Some('O') => address.business.clone(),
        Some('A') => [&*address.line1, &*address.line2]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        Some('C') => address.city.clone(),
        Some('S') => address.region.clone(),
        Some('Z') => address.postal_code.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(country: &str, [line1, city, region, postal_code]: [&str; 4]) -> Address {
        Address {
            name: "Ada Lovelace".to_owned(),
            line1: line1.to_owned(),
            city: city.to_owned(),
            region: region.to_owned(),
            postal_code: postal_code.to_owned(),
            country: country.to_owned(),
            ..Address::default()
        }
    }

    fn printed(country: &str, parts: [&str; 4]) -> String {
        lines(&address(country, parts)).join(" / ")
    }

    /// CU-9: each country has its own order.
    #[test]
    fn labels_follow_their_country() {
        for (country, parts, expected) in [
            ("DE", ["Lindenstraße 9", "Berlin", "", "10969"], "Ada Lovelace / Lindenstraße 9 / 10969 Berlin / GERMANY"),
            (
                "US",
                ["1 Main St", "Springfield", "IL", "62701"],
                "Ada Lovelace / 1 Main St / Springfield, IL 62701 / UNITED STATES",
            ),
            (
                "GB",
                ["12 St James Sq", "London", "", "SW1Y 4JH"],
                "Ada Lovelace / 12 St James Sq / London / SW1Y 4JH / UNITED KINGDOM",
            ),
            (
                "HU",
                ["Fő utca 1", "Budapest", "", "1011"],
                "Ada Lovelace / Budapest / Fő utca 1 / 1011 / HUNGARY (Rep.)",
            ),
            (
                "JP",
                ["千代田1-1", "千代田区", "東京都", "100-8111"],
                "〒100-8111 / 東京都千代田区 / 千代田1-1 / Ada Lovelace / JAPAN",
            ),
            (
                "JP",
                ["1-1 Chiyoda", "Chiyoda-ku", "Tokyo", "100-8111"],
                "Ada Lovelace / 1-1 Chiyoda, Chiyoda-ku, Tokyo / 100-8111 / JAPAN",
            ),
            ("BR", ["Rua A 1", "Rio", "RJ", "20000-000"], "Ada Lovelace / Rua A 1 / Rio-RJ / 20000-000 / BRAZIL"),
            ("XX", ["Street 1", "Town", "", "1"], "Ada Lovelace / Street 1 / 1 Town / XX"),
        ] {
            assert_eq!(printed(country, parts), expected);
        }
    }

    /// CU-9: what is empty leaves no gap and nothing that stood around it; nothing that was given is lost.
    #[test]
    fn labels_have_no_gaps() {
        assert_eq!(printed("US", ["1 Main St", "", "IL", ""]), "Ada Lovelace / 1 Main St / IL / UNITED STATES");
        assert_eq!(
            printed("US", ["1 Main St", "Springfield", "", "62701"]),
            "Ada Lovelace / 1 Main St / Springfield 62701 / UNITED STATES"
        );
        assert_eq!(lines(&Address::default()), Vec::<String>::new());
        let two = Address {
            business: "Analytical".to_owned(),
            line2: "2nd floor".to_owned(),
            ..address("FR", ["1 rue A", "Paris", "", "75001"])
        };
        assert_eq!(lines(&two).join(" / "), "Analytical / Ada Lovelace / 1 rue A / 2nd floor / 75001 Paris / FRANCE");
        for country in COUNTRIES.keys() {
            let printed = printed(country, ["Street 1", "Town", "", ""]);
            assert!(printed.contains("Street 1") && printed.contains("Town"), "{country}: {printed}");
        }
        assert!(COUNTRIES.len() > 240);
    }
}
