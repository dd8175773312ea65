//! Who and what brought a cart about, as staff see and say it (CA-8).
use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    response::Response,
};
use kit::ids::CartId;
use proto::{
    base::v1::Attribution,
    carts::v1::{Cart, GetCartRequest, SetAttributionRequest},
};

use super::{
    act::{Sent, as_seen, done, known},
    record::hidden,
};
use crate::{
    console::Console,
    problem::Problem,
    show::{Fact, Redacted, credit, credit_words},
    staff::Session,
    team::Fields,
    visit::SignedIn,
};

/// What the page shows of it, and its form.
pub struct Credit {
    /// All that is known.
    pub facts: Vec<Fact>,
    /// The words that can be said: label, name, and what is known.
    pub words: Vec<(&'static str, &'static str, String)>,
    /// What else was noted, one a line: its name, a colon, its value.
    pub notes: String,
    /// Who may be named as the agent: id and name; nobody where somebody is recorded already, who stays.
    pub agents: Vec<(String, String)>,
    /// Whether all of it is seen, so that what is said replaces it.
    pub whole: bool,
}

impl Credit {
    /// Of `cart`, for whoever has `session`; `names` are those of colleagues.
    pub fn new(cart: &Cart, names: Vec<(String, String)>, session: &Session) -> Self {
        let known = cart.attribution.clone().unwrap_or_default();
        let (hidden, whole) = (hidden(session), session.sees_pii());
        let name = |id: &str| names.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
        let name = |id: &str| if id == session.staff.id { Some(session.staff.name.clone()) } else { name(id) };
        let shown = Attribution { agent: name(&known.agent).unwrap_or_else(|| known.agent.clone()), ..known.clone() };
        let words =
            credit_words(&known).into_iter().filter(|(_, name, _)| *name != "agent" && (whole || *name != "gclid"));
        Self {
            facts: credit(Some(&shown), &Redacted(&hidden)),
            words: words.map(|(label, name, value)| (label, name, value.clone())).collect(),
            notes: lines(&known.metadata),
            agents: if known.agent.is_empty() { names } else { Vec::new() },
            whole,
        }
    }
}

/// One a line.
fn lines(metadata: &BTreeMap<String, String>) -> String {
    metadata.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("\n")
}

/// What was typed one a line. What was not touched stays as it is, whatever colons and lines it has itself.
fn noted(typed: &str, before: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let typed = typed.replace("\r\n", "\n");
    if typed.trim() == lines(before).trim() {
        return before.clone();
    }
    let typed = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let read = typed.map(|line| line.split_once(':').unwrap_or((line, "")));
    read.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

/// What a form says.
fn said(fields: &Fields, metadata: BTreeMap<String, String>) -> Attribution {
    let word = |name: &str| fields.text(name);
    Attribution {
        agent: word("agent"),
        affiliate: word("affiliate"),
        subaffiliate1: word("subaffiliate1"),
        subaffiliate2: word("subaffiliate2"),
        subaffiliate3: word("subaffiliate3"),
        subaffiliate4: word("subaffiliate4"),
        subaffiliate5: word("subaffiliate5"),
        funnel: word("funnel"),
        gclid: word("gclid"),
        utm_source: word("utm_source"),
        utm_medium: word("utm_medium"),
        utm_campaign: word("utm_campaign"),
        utm_content: word("utm_content"),
        utm_term: word("utm_term"),
        metadata,
    }
}

/// `POST /console/carts/{id}/attribution`: what is said replaces what was known; from those who do not see all of it, it is
/// added, so that nothing goes that they were not shown.
pub async fn attribute(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields): (CartId, _) = (known(&id)?, Fields::read(&body));
    let asked = desk.ask(GetCartRequest { id: id.into(), destinations: None });
    let before = console.carts.clone().get_cart(asked).await?.into_inner().attribution.unwrap_or_default();
    let whole = desk.session.sees_pii();
    let metadata = if whole { noted(&fields.text("notes"), &before.metadata) } else { BTreeMap::new() };
    let attribution = Some(said(&fields, metadata));
    let request = SetAttributionRequest { cart: id.into(), attribution, merge: !whole };
    let answer = console.carts.clone().set_attribution(as_seen(&desk, &body, request)).await;
    done((&console, &desk), id, Sent::new("attribution", fields), answer.map(drop)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-8: notes are typed one a line; what nobody touched is not taken apart.
    #[test]
    fn notes_stay_as_they_are() {
        let odd = BTreeMap::from([("a:b".to_owned(), "one\ntwo".to_owned())]);
        assert_eq!(noted("a:b: one\r\ntwo", &odd), odd);
        let expected = BTreeMap::from([("visitor".to_owned(), "a:7".to_owned()), ("call".to_owned(), String::new())]);
        assert_eq!(noted("visitor: a:7\r\n\r\n call ", &odd), expected);
        assert!(noted(" ", &odd).is_empty() && noted("", &BTreeMap::new()).is_empty());
    }
}
