//! Completes the document with what the conventions say of every route: who may call it, conditions, problems,
//! examples.
use http::Method;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Header, OpenApi, PathItem, RefOr, Response,
        path::Operation,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
        tag::{Tag, TagBuilder},
    },
};

use super::{
    conditions::{self, Schemas},
    example::Examples,
    exports, filters, links,
    problems::{self, ProblemShape, Shared},
};
use crate::front::slash::STOREFRONT;

/// Where staff come in by POST, without a session yet.
const SIGNING_IN: [&str; 5] = [
    "/admin/v1/sessions",
    "/admin/v1/sessions/mfa",
    "/admin/v1/sessions/mfa/enrolment",
    "/admin/v1/invitations/preview",
    "/admin/v1/invitations/accept",
];

/// Who a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Shop front ends.
    Shops,
    /// Staff and integrations.
    Staff,
    /// Shoppers in the account portal.
    Shoppers,
    /// Staff without a session yet.
    SigningIn,
    /// Shoppers without a session yet.
    Arriving,
    /// Everybody.
    Anybody,
}

impl Audience {
    fn of(method: &Method, path: &str) -> Self {
        match path {
            path if path.starts_with(STOREFRONT) => Self::Shops,
            path if *method == Method::POST && SIGNING_IN.contains(&path) => Self::SigningIn,
            path if path.starts_with("/admin/v1/") => Self::Staff,
            "/account/v1/magic-links" | "/account/v1/sessions" if *method == Method::POST => Self::Arriving,
            path if path.starts_with("/account/v1/") => Self::Shoppers,
            _ => Self::Anybody,
        }
    }

    /// What names of its operations begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Shops => "storefront_",
            Self::Staff | Self::SigningIn => "admin_",
            Self::Shoppers | Self::Arriving => "account_",
            Self::Anybody => "",
        }
    }

    /// What its operations are grouped under.
    fn tag(self, noun: &str) -> String {
        match self {
            Self::Shops => format!("Shop fronts: {noun}"),
            Self::Staff | Self::SigningIn => format!("Staff: {noun}"),
            Self::Shoppers | Self::Arriving => format!("Shoppers: {noun}"),
            Self::Anybody => noun.to_owned(),
        }
    }

    fn security(self) -> Vec<SecurityRequirement> {
        let scopes: [String; 0] = [];
        match self {
            Self::Shops => vec![
                SecurityRequirement::new("publishable_key", scopes.clone()),
                SecurityRequirement::new("publishable_key", scopes.clone()).add("customer_token", scopes),
            ],
            Self::Staff => vec![SecurityRequirement::new("staff", scopes)],
            Self::Shoppers => vec![SecurityRequirement::new("shopper", scopes)],
            Self::SigningIn | Self::Arriving | Self::Anybody => vec![SecurityRequirement::default()],
        }
    }
}

/// Completes `document`.
pub fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    let mut shapes = Vec::new();
    ProblemShape::schemas(&mut shapes);
    shapes.push((ProblemShape::name().into_owned(), ProblemShape::schema()));
    components.schemas.extend(shapes);
    secure(components);
    filters::add(components);
    exports::add(components);
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    let examples = Examples::new(schemas.clone());
    let mut shared = Shared::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let audience = Audience::of(&method, path);
            let id = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{}{id}", audience.prefix()));
            operation.security.get_or_insert_with(|| audience.security());
            for tag in operation.tags.iter_mut().flatten() {
                *tag = audience.tag(tag);
            }
            conditions::describe(operation, (&method, path), audience, Schemas(&schemas));
            filters::describe(operation);
            links::add(operation);
            problems::describe(operation, &method, audience, &mut shared);
            illustrate(operation, &examples);
        }
    }
    document.tags = Some(tags(&document.paths.paths));
    for response in shared.values_mut() {
        finish(response, &examples);
    }
    components.responses = shared;
}

/// The groups, shop fronts first.
fn tags<'a>(paths: impl IntoIterator<Item = (&'a String, &'a PathItem)>) -> Vec<Tag> {
    let mut names: Vec<String> = Vec::new();
    for (_, item) in paths {
        let operations = [&item.get, &item.put, &item.post, &item.delete, &item.patch];
        names.extend(operations.into_iter().flatten().filter_map(|operation| operation.tags.clone()).flatten());
    }
    names.sort_by_key(|name| {
        (!name.starts_with("Shop fronts"), !name.starts_with("Shoppers"), !name.starts_with("Staff"), name.clone())
    });
    names.dedup();
    names.into_iter().map(|name| TagBuilder::new().name(name).build()).collect()
}

fn secure(components: &mut Components) {
    let bearer = |description: &str| {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some(description.to_owned());
        SecurityScheme::Http(bearer)
    };
    let token = ApiKeyValue::with_description("Customer-Token", "Token of a customer who is signed in.");
    components.security_schemes.extend([
        ("publishable_key".to_owned(), RefOr::T(bearer("A publishable key: `store_…` or `network_…`."))),
        ("customer_token".to_owned(), RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(token)))),
        ("shopper".to_owned(), RefOr::T(bearer("A session of the account portal."))),
        ("staff".to_owned(), RefOr::T(bearer("A staff session, or an API key `sk_…`."))),
    ]);
}

/// The operations of a path.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [
        (Method::GET, get.as_mut()),
        (Method::PUT, put.as_mut()),
        (Method::POST, post.as_mut()),
        (Method::DELETE, delete.as_mut()),
        (Method::PATCH, patch.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// Gives every body an example, and every answer its header fields.
fn illustrate(operation: &mut Operation, examples: &Examples) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| show(content, examples));
    }
    operation.responses.responses.values_mut().for_each(|response| finish(response, examples));
}

fn finish(response: &mut RefOr<Response>, examples: &Examples) {
    let RefOr::T(response) = response else { return };
    response.content.values_mut().for_each(|content| show(content, examples));
    let mut id = Header::default();
    id.description = Some("Id of the request.".to_owned());
    response.headers.insert("Request-Id".to_owned(), RefOr::T(id));
    if response.description.is_empty() {
        "Done.".clone_into(&mut response.description);
    }
}

fn show(content: &mut RefOr<Content>, examples: &Examples) {
    let RefOr::T(content) = content else { return };
    if content.example.is_none() && content.examples.is_empty() {
        let schema = serde_json::to_value(&content.schema).unwrap_or(Value::Null);
        content.example = Some(examples.of(&schema));
    }
}
