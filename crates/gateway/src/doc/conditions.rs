//! What a request may set besides its own parameters, and what an answer tells in its header.
use http::Method;
use serde_json::{Value, json};
use utoipa::openapi::{
    Header, HeaderBuilder, ObjectBuilder, RefOr, Required, Response, ResponseBuilder, Schema, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::SchemaFormat,
};

use super::complete::Audience;

/// Repeats are known by it.
const KEY: &str = "Idempotency-Key";

/// The schemas of the document, as far as the conventions depend on them.
#[derive(Clone, Copy)]
pub struct Schemas<'a>(pub &'a Value);

impl<'a> Schemas<'a> {
    fn named(self, schema: &Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.and_then(|name| self.0.get(name)).unwrap_or(&Value::Null)
    }

    /// Whether the answer is a resource whose every change has a number.
    fn has_version(self, response: &RefOr<Response>) -> bool {
        let response = serde_json::to_value(response).unwrap_or_default();
        let schema = &response["content"]["application/json"]["schema"];
        self.named(schema).pointer("/properties/version").is_some()
    }

    /// Whether an object without members fits.
    fn takes_nothing(self, schema: &Value) -> bool {
        let schema = self.named(schema);
        schema["required"].as_array().is_none_or(Vec::is_empty) && schema["minProperties"].is_null()
    }
}

/// Adds to `operation` what the conventions say of every one of its kind.
pub fn describe(operation: &mut Operation, (method, path): (&Method, &str), audience: Audience, schemas: Schemas<'_>) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            shape_id(parameter);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        // None at all is read as an object without members.
        let content = serde_json::to_value(&body.content).unwrap_or_default();
        let json = content.get("application/json");
        if json.is_some_and(|content| schemas.takes_nothing(&content["schema"])) {
            body.required = Some(Required::False);
        }
    }
    let mut fields = Vec::new();
    if matches!(audience, Audience::Staff) {
        let id = ("sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "^(sto_[0-9a-f]{32})?$");
        fields.push(field("Patron-Store", "Store to work in, where the caller has several.", id));
    }
    let description = "1 to 255 printable characters: repeating the same request gives the stored answer.";
    let key = field(KEY, description, ("7f8d0e1c-order-1042", "^[!-~]([ -~]{0,253}[!-~])?$"));
    match own_key(operation) {
        Some(own) => own.schema = key.schema,
        None if matches!(*method, Method::POST | Method::PATCH) && audience != Audience::Anybody => fields.push(key),
        None => {}
    }
    if operation.responses.responses.contains_key("412") {
        let tag = field("If-Match", "Version that was seen, in quotes, or `*`.", ("\"4\"", r#"^("[0-9]{1,18}"|[*])$"#));
        fields.push(with_format(tag, "entity-tag"));
    }
    let tagged = tag_answers(operation, schemas);
    // A cart shows the prices of the moment, whatever its version.
    if tagged && *method == Method::GET && !path.contains("/carts/") {
        let description = "Version that is known, in quotes: an answer with the same one is left out.";
        fields.push(field("If-None-Match", description, ("\"4\"", "")));
        let unchanged = ResponseBuilder::new().description("The version that is known is the current one.").build();
        operation.responses.responses.insert("304".to_owned(), unchanged.into());
    }
    operation.parameters.get_or_insert_default().extend(fields.into_iter().map(RefOr::T));
}

/// The key of an operation that says itself that it takes one, which is where it does nothing without.
fn own_key(operation: &mut Operation) -> Option<&mut Parameter> {
    operation.parameters.iter_mut().flatten().find_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.name == KEY => Some(parameter),
        _ => None,
    })
}

/// Tells of `ETag` where the answer is a resource with versions; whether it is.
fn tag_answers(operation: &mut Operation, schemas: Schemas<'_>) -> bool {
    let mut tagged = false;
    for (status, response) in &mut operation.responses.responses {
        if !status.starts_with('2') || !schemas.has_version(response) {
            continue;
        }
        tagged = true;
        if let RefOr::T(response) = response {
            response.headers.insert("ETag".to_owned(), RefOr::T(tag()));
        }
    }
    tagged
}

fn tag() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r#"^"[0-9]+"$"#));
    HeaderBuilder::new().schema(Some(schema)).description(Some("Version of the resource.")).build()
}

/// The only spelling of an id of the kind `prefix`.
fn pattern_of(prefix: &str) -> String {
    format!("^{prefix}_[0-9a-f]{{32}}$")
}

/// A parameter whose example is an id takes ids of that kind, unless it says itself what it takes.
fn shape_id(parameter: &mut Parameter) {
    let shown = serde_json::to_value(&*parameter).unwrap_or_default();
    let example = shown["example"].as_str().unwrap_or_default();
    let prefix = example.rsplit_once('_').filter(|(_, digits)| digits.len() == 32).map(|(prefix, _)| prefix);
    if let (Some(prefix), Some(RefOr::T(Schema::Object(schema)))) = (prefix, &mut parameter.schema) {
        schema.pattern.get_or_insert_with(|| pattern_of(prefix));
    }
}

fn with_format(mut parameter: Parameter, name: &str) -> Parameter {
    if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema {
        schema.format = Some(SchemaFormat::Custom(name.to_owned()));
    }
    parameter
}

fn field(name: &str, description: &str, (example, pattern): (&str, &str)) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).examples([json!(example)]);
    let schema = schema.pattern(Some(pattern).filter(|pattern| !pattern.is_empty()));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
