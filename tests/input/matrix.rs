//! Every operation of the document, called with the real ids of one shop by everybody who has no business there.
use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use e2e::{
    Answer, House, Shop,
    http::{form, send, text},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    document::{Entrance, Operation, operations},
    driven::house as unhurried,
    personal::{hides, leaks},
    street::{self, Traces},
};

/// What is presented with a request.
#[derive(Clone, Default)]
pub struct Papers {
    who: String,
    bearer: String,
    customer: String,
    store: String,
    request: String,
}

impl Papers {
    /// Those of `who`, who presents `bearer`.
    pub fn of(who: impl Into<String>, bearer: &str) -> Self {
        Self { who: who.into(), bearer: bearer.to_owned(), ..Self::default() }
    }

    fn signed_in(self, customer: &str) -> Self {
        Self { customer: customer.to_owned(), ..self }
    }

    fn working_in(self, store: &str) -> Self {
        Self { store: store.to_owned(), ..self }
    }

    /// The same within a request of this id.
    pub fn within(self, request: &str) -> Self {
        Self { request: request.to_owned(), ..self }
    }

    fn put_on(&self, mut request: RequestBuilder) -> RequestBuilder {
        if !self.bearer.is_empty() {
            request = request.bearer_auth(&self.bearer);
        }
        for (name, value) in
            [("Customer-Token", &self.customer), ("Patron-Store", &self.store), ("X-Request-Id", &self.request)]
        {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        request
    }
}

/// The parameters of `operation` filled from `traces`, as a path with its query.
fn address(operation: &Operation, traces: &Traces) -> anyhow::Result<String> {
    let (mut path, mut query) = (operation.path.clone(), Vec::new());
    for parameter in operation.text["parameters"].as_array().into_iter().flatten() {
        let (name, place) = (text(parameter, "/name")?, text(parameter, "/in")?);
        let required = parameter["required"] == true;
        let example = parameter["example"].as_str().unwrap_or_default();
        let prefix = if example == "me" { "cus" } else { example.split('_').next().unwrap_or_default() };
        // A name that is the same everywhere is no id.
        let is_id = example == "me" || example.rsplit_once('_').is_some_and(|(_, digits)| digits.len() == 32);
        let value = match (place, name) {
            ("path", _) if !is_id => example.to_owned(),
            ("path", _) => traces.id(prefix)?.to_owned(),
            ("query", "token") => traces.checkout.clone(),
            ("query", "subject" | "author" | "customer") => traces.id(prefix).unwrap_or_default().to_owned(),
            ("query", "cart") => traces.id("cart")?.to_owned(),
            ("query", _) if required => example.to_owned(),
            _ => continue,
        };
        match place {
            "path" => path = path.replace(&format!("{{{name}}}"), &value),
            _ if !value.is_empty() => query.push(format!("{name}={value}")),
            _ => {}
        }
    }
    Ok(if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) })
}

/// The example of the body, with every id in it replaced by one from `traces`.
fn body(operation: &Operation, traces: &Traces) -> Option<Value> {
    let mut body = operation.example.clone()?;
    fill(&mut body, traces);
    if let Some(token) = body.get_mut("token") {
        *token = json!(traces.checkout);
    }
    Some(body)
}

fn fill(value: &mut Value, traces: &Traces) {
    match value {
        Value::String(text) => {
            let prefix = text.rsplit_once('_').filter(|(_, digits)| digits.len() == 32).map(|(prefix, _)| prefix);
            if let Some(id) = prefix.and_then(|prefix| traces.id(prefix).ok()) {
                id.clone_into(text);
            }
        }
        Value::Array(members) => members.iter_mut().for_each(|member| fill(member, traces)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, traces)),
        _ => {}
    }
}

/// What `operation`, with the ids of `traces`, answers whoever has `papers`: something that is documented.
pub async fn call(house: &House, operation: &Operation, papers: &Papers, traces: &Traces) -> anyhow::Result<Answer> {
    let request = house.http.request(operation.method.clone(), &address(operation, traces)?);
    let request = papers.put_on(request);
    let demands_key = operation.text["parameters"].as_array().into_iter().flatten();
    let demands_key =
        demands_key.into_iter().any(|known| known["name"] == "Idempotency-Key" && known["required"] == true);
    let request = if demands_key { request.header("Idempotency-Key", &operation.id) } else { request };
    let request = match body(operation, traces) {
        Some(body) if operation.takes_file => form(request, "lid.gif", text(&body, "/file")?.as_bytes()),
        Some(body) => request.json(&body),
        None if operation.takes_file => form(request, "lid.pdf", b"%PDF-1.7\na lid"),
        None => request,
    };
    let answer = send(request).await.with_context(|| format!("{} as {}", operation.id, papers.who))?;
    ensure!(
        operation.documents(answer.status),
        "{} answers {} to {}, which is not documented: {}",
        operation.id,
        answer.status,
        papers.who,
        answer.body
    );
    Ok(answer)
}

/// Calls that end a session, which would leave nobody to go on with.
pub fn ends_session(operation: &Operation) -> bool {
    let ending =
        ["admin_delete_session", "admin_delete_sessions", "storefront_log_out", "storefront_log_out_everywhere"];
    ending.contains(&operation.id.as_str())
}

/// PL-4, ID-5: without credentials, or with such as nobody gave out, no door opens.
#[tokio::test]
async fn nobody_comes_in_without_credentials() -> anyhow::Result<()> {
    let house = unhurried().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let made_up = |prefix: &str| format!("{prefix}_{}", "A".repeat(43));
    let mut papers = vec![Papers::of("nobody", "")];
    papers
        .extend(["store", "network", "staff", "sk"].map(|kind| Papers::of(format!("made-up {kind}"), &made_up(kind))));
    papers.push(Papers::of("made-up customer", &shop.store.key).signed_in(&made_up("customer")));
    for operation in operations(&house).await? {
        if operation.entrance()? == Entrance::Open {
            continue;
        }
        for papers in &papers {
            let answer = call(&house, &operation, papers, &traces).await?;
            // A shop's key is nothing to the staff's side, whatever customer comes with it.
            let expected: &[u16] = if papers.customer.is_empty() { &[401] } else { &[401, 403] };
            ensure!(expected.contains(&answer.status), "{} lets {} in: {}", operation.id, papers.who, answer.body);
        }
    }
    Ok(())
}

/// PL-4: real ids of one shop are nothing to the key, the customers and the staff of another, nor to a network's.
#[tokio::test]
async fn another_shop_learns_nothing() -> anyhow::Result<()> {
    let house = unhurried().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let other = Shop::open(&house, "Harbour Books", "EUR").await?;
    let member = Shop::open(&house, "Northern Lights", "EUR").await?;
    let network = street::network(&house, &[&member]).await?;
    let (_, traces) = street::settle(&shop).await?;
    let (stranger, _) = other.register("sven.stranger@example.com", "Sven").await?;
    let mut papers = vec![
        Papers::of("another shop", &other.store.key),
        Papers::of("a customer of another shop", &other.store.key).signed_in(stranger.token().unwrap_or_default()),
        Papers::of("a network", &network),
        Papers::of("a customer of another shop at this one", &shop.store.key)
            .signed_in(stranger.token().unwrap_or_default()),
    ];
    for (role, somebody) in street::staff(&other).await? {
        papers.push(Papers::of(format!("{role} of another shop"), &somebody.token));
        let here = format!("{role} of another shop who says to work here");
        papers.push(Papers::of(here, &somebody.token).working_in(&shop.store.id));
    }
    let before = shown(&shop, &traces).await?;
    for operation in operations(&house).await?.iter().filter(|operation| !ends_session(operation)) {
        for papers in &papers {
            let answer = call(&house, operation, papers, &traces).await?;
            refuses(operation, papers, &answer, &traces)?;
        }
    }
    ensure!(before == shown(&shop, &traces).await?, "somebody from elsewhere has changed something");
    Ok(())
}

/// That the answer tells nothing of `traces`: a refusal wherever an id was named, else something of the caller's own.
fn refuses(operation: &Operation, papers: &Papers, answer: &Answer, traces: &Traces) -> anyhow::Result<()> {
    let told = format!("{} told {} {}: {}", operation.id, papers.who, answer.status, answer.body);
    leaks(&answer.body).with_context(|| told.clone())?;
    if operation.id == "admin_change_customers" && answer.status == 200 {
        // Each has a result of its own, under the id that the caller named.
        let results = answer.body["results"].as_array().context("results")?;
        ensure!(results.iter().all(|one| one["code"] == "customer_not_found"), "{told}");
        return Ok(());
    }
    let named = operation.path.contains('{') || operation.example.as_ref().is_some_and(has_id);
    let opens_own =
        ["storefront_get_cart", "admin_set_gateway"].contains(&operation.id.as_str()) && answer.status == 200;
    if named && !opens_own {
        ensure!([400, 401, 403, 404].contains(&answer.status), "{told}");
    }
    let own = ["storefront_look_up", "storefront_list_reviews", "storefront_count_reviews"];
    for id in traces.all().filter(|_| answer.status < 400 && !own.contains(&operation.id.as_str())) {
        ensure!(!answer.body.to_string().contains(id), "{told}");
    }
    Ok(())
}

fn has_id(value: &Value) -> bool {
    match value {
        Value::String(text) => text.rsplit_once('_').is_some_and(|(_, digits)| digits.len() == 32),
        Value::Array(members) => members.iter().any(has_id),
        Value::Object(members) => members.values().any(has_id),
        _ => false,
    }
}

/// What there is of `traces`, as its owner sees it.
async fn shown(shop: &Shop<'_>, traces: &Traces) -> anyhow::Result<Vec<Value>> {
    let mut shown = Vec::new();
    for (part, prefix) in
        [("products", "prd"), ("customers", "cus"), ("orders", "ord"), ("messages", "msg"), ("tickets", "tkt")]
    {
        shown.push(shop.owner.get(&format!("/admin/v1/{part}/{}", traces.id(prefix)?)).await?.expect(200)?);
    }
    for list in ["carts", "reviews"] {
        shown.push(shop.owner.get(&format!("/admin/v1/{list}")).await?.expect(200)?);
    }
    Ok(shown)
}

/// ID-21, ID-22, ID-23: a role does what its permissions name and nothing else, at every operation; and who lacks
/// customers.pii reads nothing in any answer that says who somebody is.
#[tokio::test]
async fn a_role_does_what_its_permissions_name() -> anyhow::Result<()> {
    let house = unhurried().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let operations = operations(&house).await?;
    let mut refused = BTreeSet::new();
    for (role, somebody) in street::staff(&shop).await? {
        let me = somebody.get("/admin/v1/me").await?.expect(200)?;
        let granted = me["memberships"][0]["permissions"].as_array().context("permissions")?;
        let granted: Vec<&str> = granted.iter().filter_map(Value::as_str).collect();
        let papers = Papers::of(role, &somebody.token);
        for operation in operations.iter().filter(|operation| !ends_session(operation)) {
            match operation.entrance()? {
                Entrance::Open => {}
                Entrance::Shop | Entrance::Customer | Entrance::Portal => {
                    let answer = call(&house, operation, &papers, &traces).await?;
                    answer.problem(403, "wrong_caller").with_context(|| operation.id.clone())?;
                }
                Entrance::Staff => {
                    if does_what_it_may(&house, (operation, &traces), (&papers, &granted)).await? {
                        refused.insert(operation.id.clone());
                    }
                }
            }
        }
    }
    ensure!(refused.len() >= 5, "hardly anything was refused to anybody: {refused:?}");
    Ok(())
}

/// That `operation` is done for whoever has its permissions and refused to whoever lacks one, which is answered; and that
/// personal data is shown to those alone who may see it.
async fn does_what_it_may(
    house: &House,
    (operation, traces): (&Operation, &Traces),
    (papers, granted): (&Papers, &[&str]),
) -> anyhow::Result<bool> {
    let needed = operation.permissions()?;
    let lacking: Vec<_> = needed.iter().filter(|name| !granted.contains(&name.as_str())).collect();
    if lacking.is_empty() && (operation.method == Method::DELETE || operation.id == "admin_erase_customer") {
        return Ok(false); // it may, and the next role needs what is there
    }
    let (answer, who) = (call(house, operation, papers, traces).await?, &papers.who);
    // One's own sessions tell where one's own self is.
    if !granted.contains(&"customers.pii") && operation.id != "admin_list_own_sessions" {
        hides(&answer.body).with_context(|| format!("{} tells {who}", operation.id))?;
    }
    if lacking.is_empty() {
        let for_owners = who != "owner" && answer.body["code"] == "owners_only";
        let for_its_author = answer.body["code"] == "not_author"; // the note is the first owner's
        ensure!(
            answer.status != 403 || for_owners || for_its_author,
            "{} refuses {who}: {}",
            operation.id,
            answer.body
        );
        return Ok(false);
    }
    let told = answer.problem(403, "permission_required").with_context(|| operation.id.clone())?;
    let named = told["required_permission"].as_str().unwrap_or_default();
    ensure!(lacking.iter().any(|name| *name == named), "{} names {named} to {who}", operation.id);
    Ok(true)
}

/// ID-22: every operation of the staff's side declares which permissions it needs, and there is one of each that the
/// lists of the product are about.
#[tokio::test]
async fn every_operation_declares_who_may() -> anyhow::Result<()> {
    let house = unhurried().await?;
    let mut declared = BTreeSet::new();
    for operation in operations(&house).await? {
        if operation.entrance()? == Entrance::Staff {
            declared.extend(operation.permissions()?);
        }
    }
    for permission in ["customers.read", "orders.read", "carts.read", "messages.read", "catalog.write"] {
        ensure!(declared.contains(permission), "nothing needs {permission}");
    }
    Ok(())
}
