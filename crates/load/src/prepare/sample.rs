//! Customers from all over the store's time, and what to search for to find some of them.
use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::House;

/// Moments at which the list is opened, with a hundred customers each.
const MOMENTS: i32 = 40;
/// What part of all customers a beginning of a name should find: about one in forty.
const SHARE: std::ops::RangeInclusive<f64> = 0.015..=0.035;
/// Different searches of each kind.
const SEARCHES: usize = 40;

/// What was found.
pub struct Sample {
    pub customers: Vec<String>,
    pub names: Vec<String>,
    pub name_starts: Vec<String>,
    pub email_parts: Vec<String>,
}

/// What staff see of a person.
struct Person {
    id: String,
    /// As it is written; the others in small letters.
    shown: String,
    name: String,
    email: String,
    /// Everything that is searched, the way it is.
    text: String,
}

/// Reads the list at moments spread evenly over the time that it spans.
pub async fn take(house: &mut House, token: &str, store: &str) -> anyhow::Result<Sample> {
    let first = edge(house, token, (store, "created_at")).await?;
    let last = edge(house, token, (store, "-created_at")).await?;
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for moment in 1..=MOMENTS {
        let at = first + (last - first) * moment / MOMENTS;
        let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let filter = format!("limit=100&sort=-created_at&filter%5Bcreated_at%5D%5Blte%5D={at}");
        let list = house.get(&format!("/admin/v1/customers?{filter}"), token, store).await?;
        let found = list["data"].as_array().into_iter().flatten().filter_map(Person::read);
        people.extend(found.map(|person| (person.id.clone(), person)));
    }
    let people: Vec<Person> = people.into_values().collect();
    let sample = Sample {
        name_starts: name_starts(&people),
        email_parts: people.iter().map(Person::email_part).collect(),
        names: people.iter().map(|person| person.shown.clone()).collect(),
        customers: people.into_iter().map(|person| person.id).collect(),
    };
    ensure!(!sample.name_starts.is_empty(), "no beginning of a name is common enough: seed some thousand customers");
    Ok(sample)
}

/// When the first in an order was made.
async fn edge(house: &mut House, token: &str, (store, sort): (&str, &str)) -> anyhow::Result<DateTime<Utc>> {
    let list = house.get(&format!("/admin/v1/customers?limit=1&sort={sort}"), token, store).await?;
    let at = list.pointer("/data/0/created_at").and_then(Value::as_str).context("the store has no customers")?;
    Ok(at.parse()?)
}

impl Person {
    fn read(customer: &Value) -> Option<Self> {
        let text = |field: &str| customer[field].as_str().unwrap_or_default().to_lowercase();
        let shown = customer["name"].as_str().unwrap_or_default().to_owned();
        let (name, email) = (text("name"), text("email"));
        let all = format!(" {name} {email} {} {}", text("phone"), text("username"));
        Some(Self { id: customer["id"].as_str()?.to_owned(), shown, name, email, text: all })
    }

    /// The last letters in front of the `@`, which hardly anybody shares.
    fn email_part(&self) -> String {
        let local: Vec<char> = self.email.split('@').next().unwrap_or_default().chars().collect();
        local[local.len().saturating_sub(8)..].iter().collect()
    }
}

/// First letters of names that are found at about as many people as they should be, nearest first.
fn name_starts(people: &[Person]) -> Vec<String> {
    let mut starts: Vec<String> = people.iter().flat_map(|person| (3..=5).map(|n| start(&person.name, n))).collect();
    starts.retain(|start| start.chars().count() >= 3 && start.chars().all(char::is_alphabetic));
    starts.sort_unstable();
    starts.dedup();
    let share = |start: &String| {
        let found = people.iter().filter(|person| person.text.contains(start.as_str())).count();
        #[expect(clippy::cast_precision_loss, reason = "some thousand")]
        let share = found as f64 / people.len() as f64;
        share
    };
    let middle = f64::midpoint(*SHARE.start(), *SHARE.end());
    let mut shares: Vec<(f64, String)> = starts.into_iter().map(|start| (share(&start), start)).collect();
    shares.retain(|(share, _)| SHARE.contains(share));
    shares.sort_by(|(a, _), (b, _)| (a - middle).abs().total_cmp(&(b - middle).abs()));
    shares.into_iter().take(SEARCHES).map(|(_, start)| start).collect()
}

fn start(name: &str, letters: usize) -> String {
    name.chars().take(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_beginnings_of_the_right_share_are_searched_for() {
        let people: Vec<Person> = (0..1_000)
            .map(|n| if n % 40 == 0 { "Mara Wolf" } else { "Otto" })
            .filter_map(|name| Person::read(&json!({ "id": "cus_1", "name": name, "email": "x.y.4711@example.com" })))
            .collect();
        assert_eq!(name_starts(&people), ["mar", "mara"]);
        assert_eq!(people[0].email_part(), "x.y.4711");
    }
}
