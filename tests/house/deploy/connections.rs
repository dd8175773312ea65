//! Connections to PostgreSQL: all processes that there may be at a time have enough.
use std::fs;

use serde_json::Value;

use super::{
    manifest::{at, text},
    rendered::{EXAMPLE, rendered},
    settings::in_cluster,
};

/// What PostgreSQL keeps for superusers (`superuser_reserved_connections`).
const RESERVED: u64 = 3;

/// Whether a service has tables.
fn keeps(service: &str) -> bool {
    at(&format!("crates/{service}/migrations")).is_dir()
}

/// How many processes of a deployment there may be, those included that come before others go.
fn most(deployment: &Value, all: &[Value]) -> u64 {
    let name = text(deployment, "/metadata/name");
    let scaler =
        |one: &&Value| one["kind"] == "HorizontalPodAutoscaler" && text(one, "/spec/scaleTargetRef/name") == name;
    let scaled = all.iter().find(scaler).map(|scaler| &scaler["spec"]["maxReplicas"]);
    let processes = scaled.unwrap_or(&deployment["spec"]["replicas"]).as_u64().expect("a number of processes");
    processes + deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"].as_u64().expect("a number more")
}

/// Every process of a service holds one connection for its relay, or for the wait to be it, besides its pool.
#[test]
fn all_processes_and_a_command_find_a_connection() {
    let all = rendered(EXAMPLE);
    let pool: u64 = in_cluster(EXAMPLE)["PATRON_DB_POOL"].parse().expect("a number");
    let mut wanted = 0;
    for one in all.iter().filter(|one| one["kind"] == "Deployment") {
        let args = one.pointer("/spec/template/spec/containers/0/args").and_then(Value::as_array).expect("args");
        let services = args.iter().filter_map(Value::as_str).filter(|service| keeps(service)).count();
        wanted += u64::try_from(services).expect("a few") * most(one, &all) * (pool + 1);
    }
    // `patron doctor` runs no relay, and all services.
    let command = house::SERVICES.iter().filter(|service| keeps(service)).map(|_| pool).sum::<u64>();
    let settings = fs::read_to_string(at("deploy/postgres/postgresql.conf")).expect("the settings");
    let limit = settings.lines().find_map(|line| line.strip_prefix("max_connections = ")).expect("a limit");
    let limit: u64 = limit.parse().expect("a number");
    assert!(wanted > 0 && command > 0, "the manifests are understood");
    assert!(wanted + command + RESERVED < limit, "{wanted} + {command} + {RESERVED} connections of {limit}");
}
