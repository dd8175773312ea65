//! Examples for bodies that have none of their own, put together from those of their parts.
use serde_json::{Map, Value, json};

/// Finds examples in the schemas of a document.
pub struct Examples(Value);

impl Examples {
    /// Of these schemas, by name.
    pub fn new(schemas: Value) -> Self {
        Self(schemas)
    }

    /// An example of `schema`.
    pub fn of(&self, schema: &Value) -> Value {
        if let Some(example) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
            return example.clone();
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            return self.0.get(name).map_or(Value::Null, |schema| self.of(schema));
        }
        if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            let some = choices.iter().find(|choice| choice.get("type") != Some(&json!("null")));
            return some.map_or(Value::Null, |schema| self.of(schema));
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let parts = parts.iter().filter_map(|part| self.of(part).as_object().cloned());
            return Value::Object(parts.flatten().collect());
        }
        self.of_kind(kind(schema), schema)
    }

    fn of_kind(&self, kind: &str, schema: &Value) -> Value {
        let properties = || schema.get("properties").and_then(Value::as_object);
        match kind {
            "object" => Value::Object(properties().map(|members| self.members(members)).unwrap_or_default()),
            "array" => json!([self.of(schema.get("items").unwrap_or(&Value::Null))]),
            "string" if schema.get("format") == Some(&json!("date-time")) => json!("2026-03-02T12:00:00Z"),
            "string" => json!("text"),
            "integer" | "number" => json!(1),
            "boolean" => json!(false),
            _ => Value::Null,
        }
    }

    fn members(&self, properties: &Map<String, Value>) -> Map<String, Value> {
        properties.iter().map(|(name, schema)| (name.clone(), self.of(schema))).collect()
    }
}

/// The type of a schema; the first that is not null when there are several.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Some(kind) => kind.as_str(),
        None => None,
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_put_together() {
        let examples = Examples::new(json!({"Name": {"type": "string", "example": "Jane"}}));
        let schema = json!({"type": "object", "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "maybe": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Name"}]},
        }});
        let expected = json!({"data": ["Jane"], "at": "2026-03-02T12:00:00Z", "maybe": "Jane"});
        assert_eq!(examples.of(&schema), expected);
    }
}
