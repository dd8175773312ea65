//! The OpenAPI document is complete, and changes only when somebody means it to.
use std::collections::BTreeSet;

use serde_json::Value;

/// Path, method and operation of everything there is.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        let methods = methods.filter(|(name, _)| ["get", "put", "post", "delete", "patch"].contains(&name.as_str()));
        methods.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    operations.collect()
}

fn document() -> anyhow::Result<Value> {
    Ok(serde_json::to_value(gateway::openapi())?)
}

/// What a schema refers to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let path = schema["$ref"].as_str().map(|path| path.trim_start_matches('#'));
    path.and_then(|path| document.pointer(path)).unwrap_or(schema)
}

#[test]
fn the_document_is_as_it_was_agreed() -> anyhow::Result<()> {
    insta::assert_snapshot!(gateway::openapi().to_pretty_json()?);
    Ok(())
}

#[test]
fn every_operation_is_described() -> anyhow::Result<()> {
    let document = document()?;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{name} has no operationId of its own: {id}");
        for part in ["summary", "tags", "security"] {
            assert!(!operation[part].is_null(), "{name} has no {part}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(!parameter["description"].is_null(), "{name}: {} has no description", parameter["name"]);
        }
    }
    assert!(ids.len() >= 50, "routes are missing: {}", ids.len());
    Ok(())
}

#[test]
fn every_body_has_an_example() -> anyhow::Result<()> {
    let document = document()?;
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().into_iter().flatten();
        let bodies = responses.map(|(status, response)| (status.as_str(), response));
        for (place, body) in bodies.chain([("body", &operation["requestBody"])]) {
            for (kind, content) in body["content"].as_object().into_iter().flatten() {
                let example = content.get("example").filter(|example| !example.is_null()).or(content.get("examples"));
                assert!(example.is_some(), "{name} {place} {kind} has no example");
                let schema = resolved(&document, &content["schema"]);
                assert!(!schema.is_null(), "{name} {place} {kind} has no schema");
                let example = example.filter(|_| content.get("examples").is_none()).and_then(Value::as_object);
                if let (Some(example), Some(properties)) = (example, schema["properties"].as_object()) {
                    let strangers: Vec<_> = example.keys().filter(|name| !properties.contains_key(*name)).collect();
                    assert!(strangers.is_empty(), "{name} {place}: the schema knows no {strangers:?}");
                    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                    let missing: Vec<_> = required.filter(|name| !example.contains_key(*name)).collect();
                    assert!(missing.is_empty(), "{name} {place}: the example has no {missing:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn every_failure_is_a_problem() -> anyhow::Result<()> {
    let document = document()?;
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object();
        let Some(responses) = responses else { anyhow::bail!("{name} answers nothing") };
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        let mut expected = vec!["400", "429", "500", "503"];
        expected.extend(if name.contains("/v1/") { Some("401") } else { None });
        if !operation["requestBody"].is_null() {
            expected.push("413");
            // What gateways send by themselves is read whatever it calls itself: its signature decides.
            expected.extend(if name.contains("/hooks/") { None } else { Some("415") });
        }
        for status in expected {
            assert!(responses.contains_key(status), "{name} does not tell of {status}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
            let shared = response["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
            let response = shared.unwrap_or(response);
            let examples = response["content"]["application/problem+json"]["examples"].as_object();
            let Some(examples) = examples else { anyhow::bail!("{name} {status} is no problem") };
            for (code, example) in examples {
                assert_eq!(example["value"]["code"], code.as_str(), "{name} {status}");
                assert_eq!(example["value"]["status"].to_string(), *status, "{name} {code}");
                let shop = !example["value"]["error"].is_null();
                assert_eq!(shop, name.contains("/storefront/v1/"), "{name} {code}");
            }
        }
    }
    Ok(())
}

/// Every reference leads somewhere.
#[test]
fn every_schema_is_there() -> anyhow::Result<()> {
    let document = document()?;
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is not there");
    }
    Ok(())
}
