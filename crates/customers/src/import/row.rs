//! What a row says about somebody.
use std::collections::BTreeMap;

use csv::StringRecord;
use kit::{email::Email, ids::CustomerId, phone::Phone};
use proto::{base::v1::Address, customers::v1 as pb};
use serde_json::{Map, Value};

use super::{
    fault::Fault,
    field::META,
    import::{Empty, Import},
};
use crate::{
    address::address::Given, consent::consent::CHANNELS, fields::Fields, note, record::details::Details, record::tags,
};

/// Words for yes …
const YES: [&str; 12] = ["yes", "y", "true", "1", "x", "ja", "oui", "si", "sí", "subscribed", "opted_in", "on"];
/// … and for no.
const NO: [&str; 9] = ["no", "n", "false", "0", "nein", "non", "unsubscribed", "opted_out", "off"];

/// How rows are read.
#[derive(Clone, Debug)]
pub struct Reading {
    places: BTreeMap<String, usize>,
    width: usize,
    clear: bool,
    country: String,
    tags: Vec<String>,
}

/// What a row says.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The record it names.
    pub id: Option<CustomerId>,
    /// The address that says who it is.
    pub email: Option<Email>,
    /// The phone, which says so where there is nothing else.
    pub phone: Option<Phone>,
    /// Fields of the record.
    pub details: Details,
    /// Tags to add.
    pub tags: Vec<String>,
    /// What was agreed to, by channel.
    pub consents: BTreeMap<&'static str, bool>,
    /// An address.
    pub address: Option<Given>,
    /// A note.
    pub note: Option<String>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

impl Row {
    /// Who it is about, as far as the row itself says: rows that say the same are about one person.
    #[must_use]
    pub fn whom(&self) -> Option<String> {
        let email = self.email.as_ref().map(|email| email.canonical().to_owned());
        self.id.map(String::from).or(email).or_else(|| self.phone.as_ref().map(Phone::to_string))
    }
}

impl Reading {
    /// As `import` says.
    #[must_use]
    pub fn of(import: &Import) -> Self {
        let named = import.fields.iter().enumerate().filter(|(_, field)| !field.is_empty());
        Self {
            places: named.map(|(place, field)| (field.clone(), place)).collect(),
            width: import.columns.len(),
            clear: import.empty == Empty::Clear,
            country: import.country.clone(),
            tags: import.tags.clone(),
        }
    }

    /// Reads a row.
    #[must_use]
    pub fn read(&self, cells: &StringRecord) -> Row {
        let mut reader = Reader { reading: self, cells, faults: Vec::new() };
        if cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty()) {
            // They would be read under wrong headings.
            return Row { faults: vec![Fault::refusal(0, "too_many_cells")], ..Row::default() };
        }
        let (id, email, phone) = (reader.id(), reader.email(), reader.phone());
        let details = reader.details();
        let (tags, consents) = (reader.tags(), reader.consents());
        let (address, note) = (reader.address(details.name()), reader.note());
        Row { id, email, phone, details, tags, consents, address, note, faults: reader.faults }
    }
}

struct Reader<'a> {
    reading: &'a Reading,
    cells: &'a StringRecord,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// The cell of `field`; empty without such a column.
    fn cell(&self, field: &str) -> &str {
        self.reading.places.get(field).and_then(|place| self.cells.get(*place)).unwrap_or_default().trim()
    }

    /// The same where a record takes it: nothing leaves what is there.
    fn given(&self, field: &str) -> Option<String> {
        let is_there = self.reading.places.contains_key(field);
        let cell = self.cell(field);
        (is_there && (self.reading.clear || !cell.is_empty())).then(|| cell.to_owned())
    }

    /// Number of the column of `field`.
    fn place(&self, field: &str) -> i32 {
        self.reading.places.get(field).and_then(|place| i32::try_from(place + 1).ok()).unwrap_or_default()
    }

    fn refuse(&mut self, field: &str, code: &'static str) {
        self.faults.push(Fault::refusal(self.place(field), code));
    }

    fn warn(&mut self, field: &str, code: &'static str) {
        self.faults.push(Fault::warning(self.place(field), code));
    }

    fn country(&self) -> Option<&str> {
        Some(self.reading.country.as_str()).filter(|country| !country.is_empty())
    }

    fn id(&mut self) -> Option<CustomerId> {
        let id = self.cell("id").parse().ok();
        if id.is_none() && !self.cell("id").is_empty() {
            self.refuse("id", "malformed");
        }
        id
    }

    fn email(&mut self) -> Option<Email> {
        let email = Email::parse(self.cell("email")).ok();
        if email.is_none() && !self.cell("email").is_empty() {
            self.refuse("email", "malformed");
        }
        email
    }

    /// Where the address is says where the phone is from, too.
    fn home(&self) -> Option<&str> {
        Some(self.cell("address.country")).filter(|code| code.len() == 2).or(self.country())
    }

    fn phone(&self) -> Option<Phone> {
        Phone::parse(self.cell("phone"), self.home()).ok()
    }

    /// What the record takes. What cannot be read is left out, but for the name.
    fn details(&mut self) -> Details {
        let mut given = pb::Details {
            name: self.name(),
            phone: self.given("phone"),
            username: self.given("username"),
            business: self.given("business"),
            fax: self.given("fax"),
            language: self.given("language"),
            meta: self.meta(),
            ..pb::Details::default()
        };
        let mut fields = Fields::default();
        let details = Details::parse(given.clone(), self.home(), &mut fields);
        let Err(kit::Error::Invalid(faults)) = fields.finish() else { return details };
        for fault in faults {
            let code = slug(&fault.code);
            match fault.pointer.trim_start_matches('/') {
                "phone" => given.phone = self.without("phone", code),
                "username" => given.username = self.without("username", code),
                "business" => given.business = self.without("business", code),
                "fax" => given.fax = self.without("fax", code),
                "language" => given.language = self.without("language", code),
                "meta" => {
                    self.faults.push(Fault::warning(0, "meta_too_long"));
                    given.meta = None;
                }
                _ => {
                    let field = ["name", "first_name", "last_name"];
                    let field = field.into_iter().find(|field| self.reading.places.contains_key(*field));
                    self.refuse(field.unwrap_or_default(), code);
                    given.name = None;
                }
            }
        }
        Details::parse(given, self.country(), &mut Fields::default())
    }

    fn without(&mut self, field: &str, code: &'static str) -> Option<String> {
        self.warn(field, code);
        None
    }

    /// The whole name, or its parts.
    fn name(&self) -> Option<String> {
        let whole = self.given("name").filter(|name| !name.is_empty());
        let parts = [self.given("first_name"), self.given("last_name")];
        let some = parts.iter().any(Option::is_some);
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ").trim().to_owned();
        whole.or_else(|| some.then_some(joined)).or_else(|| self.given("name"))
    }

    fn meta(&self) -> Option<String> {
        let keys = self.reading.places.keys().filter_map(|field| Some((field, field.strip_prefix(META)?)));
        let value = |cell: String| if cell.is_empty() { Value::Null } else { Value::String(cell) };
        let members: Map<_, _> =
            keys.filter_map(|(field, key)| Some((key.to_owned(), value(self.given(field)?)))).collect();
        (!members.is_empty()).then(|| Value::Object(members).to_string())
    }

    /// Those of the cell and those that everybody gets.
    fn tags(&mut self) -> Vec<String> {
        let cell = self.cell("tags").split([',', ';', '|']).map(str::trim).filter(|tag| !tag.is_empty());
        let mut fields = Fields::default();
        let own = tags::parse("/tags", &cell.map(str::to_owned).collect::<Vec<_>>(), &mut fields);
        let own = match fields.finish() {
            Err(kit::Error::Invalid(faults)) => {
                self.warn("tags", faults.first().map_or("malformed", |fault| slug(&fault.code)));
                Vec::new()
            }
            _ => own,
        };
        own.into_iter().chain(self.reading.tags.iter().cloned()).collect()
    }

    fn consents(&mut self) -> BTreeMap<&'static str, bool> {
        let mut consents = BTreeMap::new();
        for channel in CHANNELS {
            let field = format!("consents.{channel}");
            let said = self.cell(&field).to_lowercase();
            match (YES.contains(&said.as_str()), NO.contains(&said.as_str())) {
                (false, false) if said.is_empty() => {}
                (false, false) => self.warn(&field, "unknown_value"),
                (granted, _) => drop(consents.insert(channel, granted)),
            }
        }
        consents
    }

    /// An address that a parcel could go to; another one is left out.
    fn address(&mut self, name: &str) -> Option<Given> {
        let lines = ["address.line1", "address.line2", "address.city", "address.postal_code"];
        if lines.iter().all(|field| self.cell(field).is_empty()) {
            return None;
        }
        let part = |field: &str| self.cell(field).to_owned();
        let country = Some(part("address.country")).filter(|code| !code.is_empty());
        let mut given = Address {
            name: name.to_owned(),
            business: part("address.business"),
            line1: part("address.line1"),
            line2: part("address.line2"),
            city: part("address.city"),
            region: part("address.region"),
            postal_code: part("address.postal_code"),
            country: country.or(self.country().map(str::to_owned)).unwrap_or_default(),
            phone: part("address.phone"),
        };
        let whole = |address: &Address| pb::GivenAddress { address: Some(address.clone()), ..Default::default() };
        let read = Given::parse(Some(&whole(&given)), self.country());
        let Err(crate::Error::Kit(kit::Error::Invalid(faults))) = read else { return read.ok() };
        for fault in &faults {
            let field = format!("address.{}", fault.pointer.trim_start_matches('/'));
            self.warn(&field, if fault.code == "required" { "address_incomplete" } else { slug(&fault.code) });
        }
        given.phone.clear();
        Given::parse(Some(&whole(&given)), None).ok()
    }

    fn note(&mut self) -> Option<String> {
        if self.cell("note").is_empty() {
            return None;
        }
        let note = note::note::text(self.cell("note")).ok();
        if note.is_none() {
            self.warn("note", "malformed");
        }
        note
    }
}

/// The code of a fault of a field, of which there are few.
fn slug(code: &str) -> &'static str {
    ["too_long", "required", "too_many"].into_iter().find(|known| *known == code).unwrap_or("malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(fields: &[&str], clear: bool) -> Reading {
        let places = fields.iter().enumerate().map(|(place, field)| ((*field).to_owned(), place)).collect();
        Reading { places, width: fields.len(), clear, country: "DE".to_owned(), tags: vec!["fair".to_owned()] }
    }

    fn read(fields: &[&str], cells: &[&str]) -> Row {
        reading(fields, false).read(&StringRecord::from(cells.to_vec()))
    }

    fn faults(row: &Row) -> Vec<(i32, &'static str, bool)> {
        row.faults.iter().map(|fault| (fault.place, fault.code, fault.refuses)).collect()
    }

    /// A row says who somebody is, what they agreed to, where they live; phones are E.164.
    #[test]
    fn a_row_says_who_somebody_is() {
        let fields = [
            "email",
            "first_name",
            "last_name",
            "phone",
            "tags",
            "consents.email",
            "address.line1",
            "address.city",
            "meta.size",
            "note",
        ];
        let row = read(
            &fields,
            &["Ada@Example.com", "Ada", "King", "030 901820", "a, b", "Ja", "Allee 1", "Berlin", "9", "Likes tea"],
        );
        assert_eq!(faults(&row), []);
        assert_eq!(row.whom().as_deref(), Some("ada@example.com"));
        assert_eq!((row.details.name(), row.tags.join(" ")), ("Ada King", "a b fair".to_owned()));
        assert_eq!(row.phone.map(|phone| phone.to_string()).as_deref(), Some("+4930901820"));
        assert_eq!(row.consents, BTreeMap::from([("email", true)]));
        let address = row.address.expect("an address").address;
        assert_eq!((address.name.as_str(), address.country.as_str()), ("Ada King", "DE"));
        assert_eq!(row.note.as_deref(), Some("Likes tea"));
    }

    /// What says who it is has to be right; of the rest what is wrong is left out, and said.
    #[test]
    fn what_is_wrong_is_said_where_it_is() {
        let long = "x".repeat(201);
        for (fields, cells, expected) in [
            (&["email"][..], &["ada"][..], (1, "malformed", true)),
            (&["id"], &["6789012345"], (1, "malformed", true)),
            (&["email", "name"], &["a@example.com", &long], (2, "too_long", true)),
            (&["email", "phone"], &["a@example.com", "call me"], (2, "malformed", false)),
            (&["email", "consents.sms"], &["a@example.com", "perhaps"], (2, "unknown_value", false)),
            (&["email", "language"], &["a@example.com", "very long German"], (2, "malformed", false)),
            (&["email", "address.city"], &["a@example.com", "Berlin"], (0, "address_incomplete", false)),
            (&["email", "tags"], &["a@example.com", &long], (2, "too_long", false)),
            (&["email"], &["a@example.com", "surplus"], (0, "too_many_cells", true)),
        ] {
            assert_eq!(faults(&read(fields, cells)), [expected], "{fields:?}");
        }
        assert_eq!(faults(&read(&["email"], &["a@example.com", " "])), [], "an empty cell too much is none");
    }

    /// An empty cell leaves what is there, or takes it away, as is wished; never who somebody is.
    #[test]
    fn empty_cells_leave_or_clear() {
        let (fields, cells) = (["email", "business", "meta.size"], StringRecord::from(vec!["a@example.com", "", ""]));
        assert_eq!(reading(&fields, false).read(&cells).details, Details::default());
        assert_ne!(reading(&fields, true).read(&cells).details, Details::default());
        assert!(reading(&fields, true).read(&cells).email.is_some());
    }
}
