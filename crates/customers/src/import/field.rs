//! What a column can be, and how the headings of the usual shops call it.

/// Everything that a column can be, beside `meta.` with a key.
pub const FIELDS: [&str; 25] = [
    "id",
    "email",
    "name",
    "first_name",
    "last_name",
    "phone",
    "username",
    "business",
    "fax",
    "language",
    "tags",
    "note",
    "consents.email",
    "consents.sms",
    "consents.push",
    "consents.phone",
    "consents.post",
    "address.line1",
    "address.line2",
    "address.city",
    "address.region",
    "address.postal_code",
    "address.country",
    "address.business",
    "address.phone",
];
/// What stands before the key of further data.
pub const META: &str = "meta.";
/// Longest key of further data.
const KEY: usize = 64;

/// Headings without spaces, dashes and case, in English, German, French and Spanish, among them those of the exports of
/// Shopify, `WooCommerce` and Mailchimp.
const SPELLINGS: [(&str, &[&str]); 23] = [
    (
        "email",
        &[
            "email",
            "emailaddress",
            "mail",
            "emailadresse",
            "mailadresse",
            "useremail",
            "courriel",
            "adressemail",
            "adresseemail",
            "correo",
            "correoelectrónico",
            "correoelectronico",
        ],
    ),
    ("first_name", &["firstname", "givenname", "forename", "vorname", "prénom", "prenom", "nombre"]),
    (
        "last_name",
        &["lastname", "surname", "familyname", "nachname", "familienname", "nomdefamille", "apellido", "apellidos"],
    ),
    (
        "name",
        &[
            "name",
            "fullname",
            "customername",
            "displayname",
            "kundenname",
            "vollständigername",
            "nom",
            "nomcomplet",
            "nombrecompleto",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "mobile",
            "mobilephone",
            "cell",
            "telefon",
            "telefonnummer",
            "handy",
            "mobil",
            "mobilnummer",
            "téléphone",
            "teléfono",
            "telefono",
            "móvil",
            "movil",
        ],
    ),
    ("username", &["username", "userlogin", "benutzername", "nomdutilisateur", "usuario"]),
    (
        "business",
        &[
            "business",
            "company",
            "companyname",
            "organization",
            "organisation",
            "firma",
            "unternehmen",
            "société",
            "societe",
            "entreprise",
            "empresa",
        ],
    ),
    ("fax", &["fax", "faxnumber", "telefax", "faxnummer", "télécopie"]),
    ("language", &["language", "locale", "sprache", "langue", "idioma"]),
    ("tags", &["tags", "tag", "schlagwörter", "stichwörter", "schlagworte", "étiquettes", "etiquetas"]),
    (
        "note",
        &["note", "notes", "notiz", "notizen", "bemerkung", "bemerkungen", "kommentar", "remarque", "nota", "notas"],
    ),
    (
        "consents.email",
        &[
            "acceptsemailmarketing",
            "acceptsmarketing",
            "emailmarketing",
            "emailconsent",
            "newsletter",
            "subscribed",
            "newsletterabonniert",
            "infolettre",
            "boletín",
            "boletin",
        ],
    ),
    ("consents.sms", &["acceptssmsmarketing", "smsmarketing", "smsconsent"]),
    (
        "address.line1",
        &[
            "address",
            "address1",
            "addressline1",
            "line1",
            "street",
            "streetaddress",
            "straße",
            "strasse",
            "adresse",
            "anschrift",
            "straßeundhausnummer",
            "strasseundhausnummer",
            "adresse1",
            "rue",
            "dirección",
            "direccion",
            "dirección1",
            "direccion1",
            "calle",
        ],
    ),
    (
        "address.line2",
        &[
            "address2",
            "addressline2",
            "line2",
            "adresszusatz",
            "adresse2",
            "complémentdadresse",
            "dirección2",
            "direccion2",
        ],
    ),
    ("address.city", &["city", "town", "stadt", "ort", "ville", "ciudad", "localidad"]),
    (
        "address.region",
        &[
            "region",
            "state",
            "province",
            "provincecode",
            "county",
            "bundesland",
            "kanton",
            "région",
            "provincia",
            "estado",
        ],
    ),
    (
        "address.postal_code",
        &[
            "zip",
            "zipcode",
            "postcode",
            "postalcode",
            "plz",
            "postleitzahl",
            "codepostal",
            "códigopostal",
            "codigopostal",
        ],
    ),
    (
        "address.country",
        &["countrycode", "country", "land", "länderkürzel", "ländercode", "pays", "codepays", "país", "pais"],
    ),
    ("consents.phone", &["acceptsphonemarketing", "phoneconsent"]),
    ("consents.post", &["acceptspostmarketing", "postconsent"]),
    ("consents.push", &["acceptspushmarketing", "pushconsent"]),
    ("id", &["patronid"]),
];
/// What shops put before the headings of the one address that they tell; the second of each is of the address too.
const FRONTS: [(&str, bool); 2] = [("defaultaddress", true), ("billing", false)];

/// Whether a column can be this.
#[must_use]
pub fn is_field(name: &str) -> bool {
    let is_key = |key: &str| {
        (1..=KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    FIELDS.contains(&name) || name.strip_prefix(META).is_some_and(is_key)
}

/// What the columns under `headings` are likely to be, each thing once; empty for what is not known.
#[must_use]
pub fn propose(headings: &[String]) -> Vec<String> {
    let mut taken: Vec<&str> = Vec::new();
    for heading in headings {
        let found = known(heading).filter(|field| !taken.contains(field)).unwrap_or_default();
        taken.push(found);
    }
    taken.into_iter().map(str::to_owned).collect()
}

/// What a heading says. An `id` is that of the shop it comes from.
fn known(heading: &str) -> Option<&str> {
    if is_field(heading) && heading != "id" {
        return Some(heading);
    }
    let plain: String = heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    for (front, own_phone) in FRONTS {
        if let Some(rest) = plain.strip_prefix(front).filter(|rest| !rest.is_empty()) {
            return match spelled(rest) {
                Some("phone") if own_phone => Some("address.phone"),
                Some("business") => Some("address.business"),
                found => found,
            };
        }
    }
    spelled(&plain)
}

fn spelled(plain: &str) -> Option<&'static str> {
    SPELLINGS.iter().find(|(_, spellings)| spellings.contains(&plain)).map(|(field, _)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(headings: &str) -> Vec<String> {
        propose(&headings.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    /// What the usual exports call things is known; nothing is two columns at once.
    #[test]
    fn usual_headings_are_known() {
        let shopify = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,\
                       Default Address Address1,Default Address Address2,Default Address City,\
                       Default Address Province Code,Default Address Country Code,Default Address Zip,\
                       Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Note,Tags";
        let expected = "|first_name|last_name|email|consents.email|address.business|address.line1|address.line2|\
                        address.city|address.region|address.country|address.postal_code|address.phone|phone|\
                        consents.sms||note|tags";
        assert_eq!(proposed(shopify).join("|"), expected);
        let woo = "user_login,user_email,billing_first_name,billing_phone,billing_postcode,billing_email";
        assert_eq!(proposed(woo).join("|"), "username|email|first_name|phone|address.postal_code|");
        assert_eq!(
            proposed("E-Mail-Adresse,Straße,PLZ,Ort").join("|"),
            "email|address.line1|address.postal_code|address.city"
        );
        assert_eq!(proposed("id,meta.size,meta.size,Patron ID").join("|"), "|meta.size||id");
        assert_eq!(proposed("Prénom,Código postal,Email Address").join("|"), "first_name|address.postal_code|email");
    }

    #[test]
    fn keys_of_further_data_are_short_and_plain() {
        assert!(is_field("meta.shoe-size_2") && is_field("address.city"));
        let long = format!("meta.{}", "k".repeat(65));
        for wrong in ["", "meta.", "meta.a b", "meta.a.b", "status", "lifecycle", &long] {
            assert!(!is_field(wrong), "{wrong}");
        }
    }
}
