//! How personal data looks to somebody who may not see it (ID-23): still recognisable as one and the same, no more.

/// `j***@example.com`; an empty text stays empty.
#[must_use]
pub fn email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", name(local)),
        None => name(email),
    }
}

/// First character and `***`.
#[must_use]
pub fn name(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}***"))
}

/// `***` and the last two digits.
#[must_use]
pub fn phone(phone: &str) -> String {
    let mut last: Vec<char> = phone.chars().rev().take(2).collect();
    last.reverse();
    if phone.is_empty() { String::new() } else { format!("***{}", last.into_iter().collect::<String>()) }
}

/// `***` for whatever is not empty.
#[must_use]
pub fn text(text: &str) -> String {
    if text.is_empty() { String::new() } else { "***".to_owned() }
}

/// Town, region, postal code and country stay; the person, the street and the phone do not.
#[must_use]
pub fn address(address: proto::base::v1::Address) -> proto::base::v1::Address {
    proto::base::v1::Address {
        name: name(&address.name),
        business: text(&address.business),
        line1: text(&address.line1),
        line2: text(&address.line2),
        phone: phone(&address.phone),
        ..address
    }
}
