//! Realistic people of many countries, the same for the same seed.
use fake::{
    Fake,
    faker::{address::raw::StreetName, name::raw::Name},
    locales::{AR_SA, CY_GB, DE_DE, EN, FR_FR, IT_IT, JA_JP, PT_BR, PT_PT, ZH_CN, ZH_TW},
};
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::{Value, json};

/// A person as they would write themselves into a form.
pub struct Person {
    /// Full name.
    pub name: String,
    /// E-mail address, unique by the person's number.
    pub email: String,
    /// Phone in E.164.
    pub phone: String,
    /// BCP 47 language.
    pub language: &'static str,
    /// Postal address in the form the services keep.
    pub address: Value,
}

/// Where somebody lives: country, language, what a phone number begins with and how many digits follow, towns.
struct Country {
    code: &'static str,
    language: &'static str,
    phone: (&'static str, usize),
    /// Name, region, and the postal code with a digit for each `#`.
    towns: &'static [(&'static str, &'static str, &'static str)],
}

const COUNTRIES: &[Country] = &[
    Country {
        code: "US",
        language: "en",
        phone: ("+1415555", 4),
        towns: &[("San Francisco", "CA", "941##"), ("Austin", "TX", "787##"), ("New York", "NY", "100##")],
    },
    Country {
        code: "DE",
        language: "de",
        phone: ("+4930", 7),
        towns: &[("Berlin", "", "10###"), ("Köln", "", "50###"), ("München", "", "80###")],
    },
    Country {
        code: "FR",
        language: "fr",
        phone: ("+331", 8),
        towns: &[("Paris", "", "750##"), ("Lyon", "", "690##"), ("Bordeaux", "", "330##")],
    },
    Country {
        code: "GB",
        language: "en",
        phone: ("+442079", 6),
        towns: &[("London", "", "SW1A #AA"), ("Leeds", "", "LS# 4AP"), ("Cardiff", "", "CF1# 2AB")],
    },
    Country {
        code: "IT",
        language: "it",
        phone: ("+3906", 8),
        towns: &[("Roma", "RM", "001##"), ("Milano", "MI", "201##"), ("Torino", "TO", "101##")],
    },
    Country {
        code: "JP",
        language: "ja",
        phone: ("+813", 8),
        towns: &[("渋谷区", "東京都", "150-####"), ("中央区", "大阪府", "541-####")],
    },
    Country {
        code: "BR",
        language: "pt-BR",
        phone: ("+55113", 7),
        towns: &[("São Paulo", "SP", "010##-###"), ("Recife", "PE", "500##-###")],
    },
    Country {
        code: "PT",
        language: "pt",
        phone: ("+35121", 7),
        towns: &[("Lisboa", "", "11##-###"), ("Porto", "", "40##-###")],
    },
    Country {
        code: "CN",
        language: "zh",
        phone: ("+86101", 7),
        towns: &[("北京", "北京", "1000##"), ("上海", "上海", "2000##")],
    },
    Country {
        code: "TW",
        language: "zh-TW",
        phone: ("+8862", 8),
        towns: &[("台北市", "", "1##"), ("高雄市", "", "8##")],
    },
    Country {
        code: "SA",
        language: "ar",
        phone: ("+96611", 7),
        towns: &[("الرياض", "", "115##"), ("جدة", "", "215##")],
    },
];

/// Person number `number`, unique within `domain`.
pub fn person(rng: &mut SmallRng, number: u64, domain: &str) -> Person {
    let country = COUNTRIES.choose(rng).unwrap_or(&COUNTRIES[0]);
    let (name, street) = called(rng, country.code);
    let (town, region, postal) = country.towns.choose(rng).copied().unwrap_or_default();
    let phone = format!("{}{}", country.phone.0, digits(rng, &"#".repeat(country.phone.1)));
    let address = json!({
        "name": name, "business": "", "line1": street, "line2": "", "city": town, "region": region,
        "postal_code": digits(rng, postal), "country": country.code, "phone": phone,
    });
    Person { email: mailbox(&name, number, domain), name, phone, language: country.language, address }
}

/// A name and a street with its number, as they are written in a country.
fn called(rng: &mut SmallRng, country: &str) -> (String, String) {
    let number: u16 = rng.random_range(1..250);
    macro_rules! as_in {
        ($locale:expr, $form:literal) => {{
            let street: String = StreetName($locale).fake_with_rng(rng);
            (Name($locale).fake_with_rng(rng), format!($form, street = street, number = number))
        }};
    }
    match country {
        "DE" => as_in!(DE_DE, "{street} {number}"),
        "FR" => as_in!(FR_FR, "{number} {street}"),
        "GB" => as_in!(CY_GB, "{number} {street}"),
        "IT" => as_in!(IT_IT, "{street}, {number}"),
        "JP" => as_in!(JA_JP, "{street}{number}"),
        "BR" => as_in!(PT_BR, "{street}, {number}"),
        "PT" => as_in!(PT_PT, "{street}, {number}"),
        "CN" => as_in!(ZH_CN, "{street}{number}号"),
        "TW" => as_in!(ZH_TW, "{street}{number}號"),
        "SA" => as_in!(AR_SA, "{street} {number}"),
        _ => as_in!(EN, "{number} {street}"),
    }
}

/// An address made of the name where it can be written in ASCII.
fn mailbox(name: &str, number: u64, domain: &str) -> String {
    let plain: Vec<String> = name
        .split_whitespace()
        .map(|part| part.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase())
        .filter(|part| part.len() > 1)
        .collect();
    let local = if plain.is_empty() { "kunde".to_owned() } else { plain.join(".") };
    format!("{local}.{number}@{domain}")
}

/// `pattern` with a digit for each `#`.
fn digits(rng: &mut SmallRng, pattern: &str) -> String {
    pattern.chars().map(|c| if c == '#' { char::from(rng.random_range(b'0'..=b'9')) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use kit::{email::Email, phone::Phone};
    use rand::SeedableRng;

    use super::*;

    /// What is seeded would pass the services' own checks.
    #[test]
    fn people_are_as_the_services_want_them() {
        let mut rng = SmallRng::seed_from_u64(1);
        for number in 0..2_000 {
            let person = person(&mut rng, number, "example.com");
            assert!(Email::parse(&person.email).is_ok(), "{}", person.email);
            assert_eq!(Phone::parse(&person.phone, None).map(|phone| phone.to_string()), Ok(person.phone.clone()));
            assert!(!person.name.trim().is_empty() && person.address["line1"] != "");
        }
    }
}
