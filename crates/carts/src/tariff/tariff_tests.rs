use uuid::Uuid;

use super::*;

pub(crate) fn rate(country: &str, region: &str, class: &str, hundredths: u32) -> Rate {
    let tax = Tax { rate: hundredths, included: true };
    Rate { country: country.to_owned(), region: region.to_owned(), class: class.to_owned(), tax }
}

pub(crate) fn method(number: u128, countries: &[&str]) -> Method {
    Method {
        id: ShippingMethodId::from_uuid(Uuid::from_u128(number)),
        name: format!("Way {number}"),
        price: 490,
        currency: "EUR".to_owned(),
        free_from: Some(5_000),
        countries: countries.iter().map(ToString::to_string).collect(),
    }
}

fn tariff() -> Tariff {
    Tariff {
        home: "DE".to_owned(),
        methods: vec![method(1, &["DE", "AT"]), method(2, &[])],
        rates: vec![
            rate("DE", "", STANDARD, 1_900),
            rate("DE", "", "reduced", 700),
            rate("DE", "helgoland", STANDARD, 0),
            rate("US", "oregon", STANDARD, 100),
        ],
    }
}

/// CA-11: a region's rate goes before its country's, however it is written; where there is none, there is no tax.
#[test]
fn the_nearest_rate_counts() {
    let tariff = tariff();
    let at = |country: &str, region: &str| Place { country: country.to_owned(), region: region.to_owned() };
    for (place, class, expected) in [
        (at("DE", ""), STANDARD, 1_900),
        (at("DE", "Berlin"), "", 1_900),
        (at("DE", " HELGOLAND "), STANDARD, 0),
        (at("DE", "Helgoland"), "reduced", 700),
        (at("DE", ""), "zero", 0),
        (at("US", "Oregon"), STANDARD, 100),
        (at("US", "Ohio"), STANDARD, 0),
        (at("FR", ""), STANDARD, 0),
        (at("", ""), STANDARD, 0),
    ] {
        assert_eq!(tariff.tax(&place, class).rate, expected, "{place:?} {class}");
    }
}

/// CA-11: what was chosen has to be offered still, and to go there; a store without ways to ship asks for none.
#[test]
fn ways_are_offered_where_they_go() {
    let (tariff, eur) = (tariff(), Currency::EUR);
    let id = |number| Some(ShippingMethodId::from_uuid(Uuid::from_u128(number)));
    for (chosen, country, currency, expected) in [
        (None, "DE", eur, "needed"),
        (id(1), "AT", eur, "chosen"),
        (id(1), "FR", eur, "elsewhere"),
        (id(2), "FR", eur, "chosen"),
        (id(3), "DE", eur, "withdrawn"),
        (id(1), "DE", Currency::USD, "not_needed"),
        (None, "DE", Currency::USD, "not_needed"),
    ] {
        assert_eq!(tariff.way(chosen, &Place::at(country), currency).slug(), expected, "{chosen:?} {country}");
    }
    assert_eq!(Tariff::default().way(None, &Place::at("DE"), eur), Way::NotNeeded);
    assert_eq!(
        Tariff::default().way(id(1), &Place::at("DE"), eur),
        Way::NotNeeded,
        "there is nothing to choose any more"
    );
    let france = Place::at("FR");
    let names: Vec<_> = tariff.ways(&france, eur).map(|method| &*method.name).collect();
    assert_eq!(names, ["Way 2"]);
}
