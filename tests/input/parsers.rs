//! What must hold of everything that reads wrong input, whatever it reads. Fuzzing looks for input that breaks these
//! (`tests/fuzz`); what it kept is read again by every test run (`replay`).
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::{Actor, Kind},
    assertion::{Claims, Signer},
    clock::Clock,
    email::Email,
    ids::{CartId, CustomerId, OrderId, ProductId, StoreId},
    money::{self, Money},
    page::{Page, Pager},
    phone::Phone,
    secret::Secrets,
};
use orders::payment::stripe::{event::Event, signature::is_signed};
use proto::base::v1 as pb;

/// Reads what fuzzing comes up with; panics when something does not hold.
pub type Parser = fn(&[u8]);

/// All of them by name.
pub const PARSERS: [(&str, Parser); 10] = [
    ("assertions", assertion),
    ("cursors", cursor),
    ("customer_filters", customer_filter),
    ("deadlines", deadline),
    ("emails", email),
    ("ids", id),
    ("moneys", money),
    ("order_filters", order_filter),
    ("phones", phone),
    ("stripe_events", stripe_event),
];

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn secrets() -> Secrets {
    Secrets::parse(SECRET).expect("a secret")
}

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000, 0).expect("a moment")
}

/// The first line and what follows it.
fn halves(data: &[u8]) -> Option<(&str, &str)> {
    let text = std::str::from_utf8(data).ok()?;
    Some(text.split_once('\n').unwrap_or((text, "")))
}

/// What is read as an id is printed as it was read.
pub fn id(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    macro_rules! same {
        ($($id:ty),+) => { $(if let Ok(id) = text.parse::<$id>() { assert_eq!(id.to_string(), text); })+ };
    }
    same!(CartId, CustomerId, OrderId, ProductId, StoreId);
}

/// An address is read again as the same person, however it was written.
pub fn email(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(email) = Email::parse(text) else { return };
    assert_eq!(email.entered(), text.trim());
    for again in [email.entered(), email.canonical()] {
        assert_eq!(Email::parse(again).map(|again| again.canonical().to_owned()).as_deref(), Ok(email.canonical()));
    }
    assert!(!email.canonical().chars().any(|c| c.is_control() || c.is_whitespace()), "{email:?}");
}

/// A number is in E.164 and is read again as itself, wherever one is. First line: the country it is read in.
pub fn phone(data: &[u8]) {
    let Some((country, text)) = halves(data) else { return };
    let Ok(phone) = Phone::parse(text, Some(country).filter(|country| !country.is_empty())) else { return };
    let digits = phone.as_str().strip_prefix('+').expect("a country code");
    assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()), "{phone}");
    for country in [None, Some("DE"), Some("US")] {
        assert_eq!(Phone::parse(phone.as_str(), country), Ok(phone.clone()), "{phone} in {country:?}");
    }
}

/// Amounts survive the wire and are shared out without rest. First line: a currency; then an amount and weights.
pub fn money(data: &[u8]) {
    let Some((currency, numbers)) = halves(data) else { return };
    let mut numbers = numbers.split_whitespace();
    let amount: i64 = numbers.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    let weights = numbers.take(50).filter_map(|number| number.parse::<u32>().ok());
    let weights: Vec<i64> = weights.map(i64::from).collect();
    if !weights.is_empty() && (0..=1_000_000_000_000_000).contains(&amount) {
        assert_eq!(money::share(amount, &weights).iter().sum::<i64>(), amount);
    }
    let Ok(money) = Money::parse(&pb::Money { amount, currency: currency.to_owned() }) else { return };
    assert_eq!(Money::parse(&money.into()), Ok(money));
    let shown = money.to_string();
    let number = shown.strip_suffix(&format!(" {currency}")).expect("the currency behind the amount");
    assert_eq!(number.replace('.', "").parse::<i64>(), Ok(amount), "{shown}");
    for other in [money, Money::new(i64::MAX, money.currency), Money::new(i64::MIN, money.currency)] {
        assert_eq!(money.plus(other).ok().map(|sum| sum.amount), amount.checked_add(other.amount));
    }
}

/// A cursor leads to where it was made, and to nowhere else; nothing else is a cursor. First line: something that
/// pretends to be one; then the values of a row.
pub fn cursor(data: &[u8]) {
    let Some((forged, values)) = halves(data) else { return };
    let pager = Pager::new(&secrets());
    let key: Vec<String> = values.split('\u{1f}').map(str::to_owned).collect();
    let page = Page { limit: 1, cursor: None, total: false };
    let (_, place) = pager.finish(&page, vec![(), ()], "a list", |()| key.clone());
    let read = |after: &str, context: &str| {
        let request = pb::PageRequest { after: after.to_owned(), ..pb::PageRequest::default() };
        pager.read(Some(&request), context).map(|page| page.cursor)
    };
    let again = read(&place.next, "a list").expect("a cursor of ours").expect("a cursor");
    assert!(again.forward && again.key == key);
    assert!(read(&place.next, "another list").is_err());
    assert!(forged.is_empty() || read(forged, "a list").is_err(), "{forged} is taken for a cursor");
}

/// Nobody says who they are without the key. First line: what is put where into a token that holds; then claims.
pub fn assertion(data: &[u8]) {
    let Some((change, claims)) = halves(data) else { return };
    let signer = Signer::new("fuzz", &[7; 32]).expect("a key");
    let (key, clock) = (signer.public(), Clock::manual(moment()));
    assert!(key.verify(claims, &clock).is_err() && key.verify(change, &clock).is_err());
    let token = signer.sign(&Claims::new(Kind::Staff, "stf_1", moment())).expect("a token");
    assert!(key.verify(&token, &clock).is_ok());
    let (place, text) = change.split_once(' ').unwrap_or(("0", change));
    let place = place.parse::<usize>().unwrap_or_default() % token.len();
    let end = (place + text.len()).min(token.len());
    let changed = format!("{}{text}{}", &token[..place], &token[end..]);
    assert!(changed == token || key.verify(&changed, &clock).is_err(), "{changed} is believed");
    let Ok(claims) = serde_json::from_str::<Claims>(claims) else { return };
    let token = signer.sign(&claims).expect("a token");
    let clock = Clock::manual(moment() + TimeDelta::minutes(1));
    let holds = claims.kind != Kind::System && clock.now().timestamp() < claims.exp;
    assert!(holds || key.verify(&token, &clock).is_err(), "{token} is believed");
    let _ = Actor::try_from(claims);
}

/// Only digits with a unit are a deadline, and none is endless.
pub fn deadline(data: &[u8]) {
    let Ok(value) = http::HeaderValue::from_bytes(data) else { return };
    let headers = http::HeaderMap::from_iter([(http::HeaderName::from_static("grpc-timeout"), value)]);
    let Some(limit) = mesh::transport::deadline(&headers) else { return };
    let (unit, digits) = data.split_last().expect("a unit");
    assert!(b"HMSmun".contains(unit) && digits.len() <= 8 && digits.iter().all(u8::is_ascii_digit), "{data:?}");
    assert!(limit.as_secs() <= 99_999_999 * 3_600);
}

/// Who may not see personal data filters by less, never by something else.
pub fn customer_filter(data: &[u8]) {
    use customers::list::{filter::Filter, reading::Reading};
    let Ok(filter) = <pb::Filter as prost::Message>::decode(data) else { return };
    let read = |pii| Filter::parse(&filter, &Reading { pii, ..Reading::default() });
    let (clear, masked) = (read(true), read(false));
    if let Ok(masked) = masked {
        assert!(!is_personal(&masked), "{masked:?}");
        assert_eq!(clear.ok(), Some(masked));
    }
}

fn is_personal(filter: &customers::list::filter::Filter) -> bool {
    use customers::list::filter::Filter;
    match filter {
        Filter::And(members) | Filter::Or(members) => members.iter().any(is_personal),
        Filter::Not(inner) => is_personal(inner),
        Filter::Test(field, ..) => field.is_personal(),
    }
}

/// No value of a filter gets into the statement itself.
pub fn order_filter(data: &[u8]) {
    let Ok(filter) = <pb::Filter as prost::Message>::decode(data) else { return };
    for fields in [orders::order::filter::ORDERS, orders::transaction::list::FIELDS] {
        let Ok(Some(filter)) = orders::order::filter::parse(Some(&filter), fields) else { continue };
        let mut sql = sqlx::QueryBuilder::new("");
        filter.write(&mut sql);
        let sql = sql.sql().as_str().to_owned();
        assert_eq!(sql.matches('(').count(), sql.matches(')').count(), "{sql}");
        let of_ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " ()<>=$_,|'%\\~^".contains(c);
        assert!(sql.chars().all(of_ours), "{sql}");
    }
}

/// Nothing is signed without the secret, whatever the header says; and what is read of an event has an id.
pub fn stripe_event(data: &[u8]) {
    let Some((header, body)) = halves(data) else { return };
    assert!(!is_signed(header, body.as_bytes(), SECRET, moment()), "{header} is taken for a signature");
    if let Some(event) = Event::parse(body.as_bytes()) {
        assert!(!event.id.is_empty());
    }
}
