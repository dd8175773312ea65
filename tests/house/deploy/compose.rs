//! `docker-compose.yml`: the same image once per service.
use serde_json::Value;

use super::{
    manifest::{approve, at, python_tool, read, text},
    network::DEPLOYED,
};

/// The services of the compose file.
pub fn services() -> serde_json::Map<String, Value> {
    let files = read(&[at("docker-compose.yml")]);
    let document = files.into_values().next().expect("one file").remove(0);
    document["services"].as_object().expect("services").clone()
}

/// Whether a container runs Patron.
pub fn is_patron(container: &Value) -> bool {
    text(container, "/build/dockerfile") == "deploy/Dockerfile"
}

#[test]
fn compose_finds_its_schema_kept() {
    approve(
        python_tool("check-jsonschema").args(["--builtin-schema", "vendor.compose-spec"]).arg(at("docker-compose.yml")),
    );
}

#[test]
fn every_service_has_a_container_of_the_same_image() {
    let services = services();
    let mut run: Vec<String> = Vec::new();
    let mut images = std::collections::BTreeSet::new();
    for (name, container) in services.iter().filter(|(_, container)| is_patron(container)) {
        images.insert(text(container, "/image"));
        let command = container["command"].as_array().expect("a command");
        if command[0] == "run" {
            assert_eq!(command[1], name.as_str(), "a container is named after what others look for");
            run.extend(command[1..].iter().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    run.sort();
    let mut all = house::SERVICES.map(str::to_owned);
    all.sort();
    assert_eq!((run.as_slice(), images.len()), (all.as_slice(), 1));
}

/// Nothing runs with more rights than it needs, and nothing starts before what it stands on.
#[test]
fn containers_are_hardened_and_start_in_order() {
    let services = services();
    for (name, container) in &services {
        assert_eq!(container["read_only"], true, "{name}");
        assert_eq!(container["cap_drop"], serde_json::json!(["ALL"]), "{name}");
        assert_eq!(container["security_opt"], serde_json::json!(["no-new-privileges:true"]), "{name}");
        assert!(!text(container, "/image").ends_with("latest") && text(container, "/image").contains(':'), "{name}");
        for (other, how) in container["depends_on"].as_object().into_iter().flatten() {
            let stated = text(how, "/condition");
            let other_one = services.get(other).unwrap_or_else(|| panic!("{name} waits for {other}"));
            // The health check of Patron's containers is in the image.
            let has_check = is_patron(other_one) || other_one.get("healthcheck").is_some();
            assert!(stated != "service_healthy" || has_check, "{other} has no health check");
        }
        for published in container["ports"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(published.contains("127.0.0.1:"), "{name} publishes {published} to everybody");
        }
    }
    for name in DEPLOYED.iter().filter(|name| **name != "gateway") {
        assert_eq!(text(&services[*name], "/depends_on/migrate/condition"), "service_completed_successfully", "{name}");
    }
    let waits: Vec<_> = services["gateway"]["depends_on"].as_object().expect("conditions").keys().collect();
    assert_eq!(waits.len(), DEPLOYED.len() - 1, "the gateway waits for all: {waits:?}");
}

/// What is secret comes from outside, and is asked for rather than guessed.
#[test]
fn secrets_are_required() {
    let text = std::fs::read_to_string(at("docker-compose.yml")).expect("the file");
    for secret in ["PATRON_SECRET", "POSTGRES_PASSWORD", "NATS_PASSWORD"] {
        assert!(text.contains(&format!("${{{secret}:?")), "{secret}");
        assert!(!text.contains(&format!("${{{secret}}}")) && !text.contains(&format!("${{{secret}:-")), "{secret}");
    }
}
