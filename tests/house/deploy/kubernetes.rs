//! The manifests: valid, hardened, and changed without losing a request.
use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{
    manifest::{Files, approve, manifests, of_kind, python_tool, text},
    network::DEPLOYED,
    rendered::{EXAMPLE, MIGRATION, rendered},
};

/// The oldest version that the manifests are written for, and the newest that is known.
const VERSIONS: [&str; 2] = ["1.30", "1.37"];
/// Seconds that a process takes at most from its drain to its end: requests under way, then tasks.
const LAST_WORK: u64 = 15 + 5;

/// Whether Kubernetes itself knows it. What cert-manager knows is looked at where TLS is.
fn is_its_own(document: &Value) -> bool {
    !text(document, "/apiVersion").starts_with("cert-manager.io/")
}

#[test]
fn manifests_find_their_schemas_kept() {
    let files = manifests();
    let own = files.iter().filter(|(_, documents)| documents.iter().any(is_its_own)).map(|(path, _)| path);
    let mut own: Vec<PathBuf> = own.cloned().collect();
    let folder = tempfile::tempdir().expect("a folder");
    for (place, made) in [EXAMPLE, MIGRATION].into_iter().enumerate() {
        let documents: Vec<_> = rendered(made).iter().filter(|one| is_its_own(one)).map(Value::to_string).collect();
        own.push(folder.path().join(format!("{place}.yaml")));
        fs::write(&own[own.len() - 1], documents.join("\n---\n")).expect("a file");
    }
    for version in VERSIONS {
        approve(python_tool("kubernetes-validate").args(["--strict", "--quiet", "-k", version]).args(&own));
    }
}

fn deployment<'a>(files: &'a Files, name: &str) -> &'a Value {
    let found = of_kind(files, "Deployment").into_iter().find(|one| text(one, "/metadata/name") == name);
    found.unwrap_or_else(|| panic!("{name} is not deployed"))
}

/// Whether there is a `kind` that is about the pods of `name`.
fn has(files: &Files, kind: &str, pointer: &str, name: &str) -> bool {
    of_kind(files, kind).into_iter().any(|one| text(one, pointer) == name)
}

#[test]
fn every_service_is_deployed_and_scaled() {
    let files = manifests();
    assert_eq!(of_kind(&files, "Deployment").len(), DEPLOYED.len());
    let mut run = Vec::new();
    for name in DEPLOYED {
        let one = deployment(&files, name);
        let args = one.pointer("/spec/template/spec/containers/0/args").and_then(Value::as_array).expect("args");
        assert_eq!((&args[0], &args[1]), (&json!("run"), &json!(name)));
        run.extend(args[1..].iter().filter_map(Value::as_str).map(str::to_owned));
        assert!(has(&files, "Service", "/spec/selector/app.kubernetes.io~1name", name), "{name} cannot be found");
        let pods = "/spec/selector/matchLabels/app.kubernetes.io~1name";
        assert!(has(&files, "PodDisruptionBudget", pods, name), "{name} may be taken away whole");
        let scaled = has(&files, "HorizontalPodAutoscaler", "/spec/scaleTargetRef/name", name);
        // One or the other: applying a number again would undo what the autoscaler did.
        assert_eq!(scaled, one["spec"].get("replicas").is_none(), "{name}");
        assert!(scaled || one["spec"]["replicas"].as_u64() >= Some(2), "{name}");
    }
    run.sort();
    let mut all = house::SERVICES.map(str::to_owned);
    all.sort();
    assert_eq!(run, all);
}

#[test]
fn pods_have_no_rights() {
    let files = manifests();
    for one in of_kind(&files, "Deployment").into_iter().chain(of_kind(&files, "Job")) {
        let name = text(one, "/metadata/name");
        let pod = &one["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
        assert_eq!(pod["serviceAccountName"], "patron", "{name}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        assert_eq!(text(pod, "/securityContext/seccompProfile/type"), "RuntimeDefault", "{name}");
        for container in pod["containers"].as_array().expect("containers") {
            let rights = &container["securityContext"];
            assert_eq!(rights["allowPrivilegeEscalation"], false, "{name}");
            assert_eq!(rights["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(rights["capabilities"]["drop"], json!(["ALL"]), "{name}");
            let resources = &container["resources"];
            assert!(resources["requests"]["cpu"].is_string() && resources["limits"]["memory"].is_string(), "{name}");
        }
    }
}

/// A new process is ready before an old one goes, and an old one is given the time to finish.
#[test]
fn an_upgrade_loses_no_request() {
    let files = manifests();
    let config = of_kind(&files, "ConfigMap").into_iter().find(|one| one["data"].get("PATRON_DRAIN_DELAY").is_some());
    let delay: u64 = text(config.expect("the settings"), "/data/PATRON_DRAIN_DELAY").parse().expect("seconds");
    for one in of_kind(&files, "Deployment") {
        let (name, spec) = (text(one, "/metadata/name"), &one["spec"]);
        assert_eq!(spec["strategy"]["rollingUpdate"]["maxUnavailable"], 0, "{name}");
        let pod = &spec["template"]["spec"];
        let grace = pod["terminationGracePeriodSeconds"].as_u64().expect("seconds");
        assert!(grace > delay + LAST_WORK, "{name} is killed while it drains");
        let container = &pod["containers"][0];
        assert_eq!(text(container, "/startupProbe/httpGet/path"), "/readyz", "{name}");
        assert_eq!(text(container, "/readinessProbe/httpGet/path"), "/readyz", "{name}");
        // Alive is not ready: a database that is away must not make the cluster kill every process.
        assert_eq!(text(container, "/livenessProbe/httpGet/path"), "/livez", "{name}");
        let seconds = |what: &str| container["readinessProbe"][what].as_u64().expect("a number");
        assert!(seconds("periodSeconds") * seconds("failureThreshold") < delay, "{name} goes before it is noticed");
        assert_eq!(pod["topologySpreadConstraints"].as_array().map_or(0, Vec::len), 2, "{name}");
    }
}
