//! The environment that processes are given: only what the program knows, and all that it needs.
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
    process::Command,
};

use serde_json::Value;

use super::{
    compose,
    manifest::{at, text, yaml_below},
    network::{DEPLOYED, calls},
    rendered::{EXAMPLE, MIGRATION, rendered},
};

/// What `patron run --help` says.
struct Reference {
    known: BTreeSet<String>,
    required: BTreeSet<String>,
}

fn reference() -> Reference {
    let binary = env::var_os("PATRON_BIN").expect("PATRON_BIN is not set: run `cargo xtask test`");
    let help = Command::new(binary).args(["run", "--help"]).output().expect("the binary");
    let help = String::from_utf8(help.stdout).expect("text");
    let mut known: BTreeSet<String> = words(&help).collect();
    for service in house::SERVICES {
        for what in ["URL", "DATABASE_URL"] {
            known.insert(format!("PATRON_{}_{what}", service.to_uppercase()));
        }
    }
    let usage = help.lines().find(|line| line.starts_with("Usage:")).expect("a usage line");
    let flags = usage.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let required = flags.map(|flag| format!("PATRON_{}", flag.replace('-', "_").to_uppercase())).collect();
    Reference { known, required }
}

/// Every name of a setting in `text`.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.starts_with("PATRON_") && !word.ends_with('_')).map(str::to_owned)
}

/// The environment of each container of Patron in the compose file.
fn in_compose() -> BTreeMap<String, BTreeMap<String, String>> {
    let containers = compose::services().into_iter().filter(|(_, container)| compose::is_patron(container));
    containers.map(|(name, container)| (name, pairs(&container["environment"]))).collect()
}

/// The environment that a kustomization gives each pod.
pub fn in_cluster(folder: &str) -> BTreeMap<String, String> {
    let all = rendered(folder);
    let named = |kind| all.iter().filter(move |one| one["kind"] == kind && text(one, "/metadata/name") == "patron");
    let config = named("ConfigMap").map(|one| pairs(&one["data"]));
    let secret = named("Secret").map(|one| pairs(&one["stringData"]));
    config.chain(secret).flatten().collect()
}

fn pairs(map: &Value) -> BTreeMap<String, String> {
    let pair = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap_or_default().to_owned());
    map.as_object().expect("a map").iter().map(pair).collect()
}

#[test]
fn no_unknown_setting_is_named() {
    let known = reference().known;
    assert!(known.contains("PATRON_DATABASE_URL"), "the help is understood");
    let mut files: Vec<PathBuf> = yaml_below(&at("deploy"));
    files.extend(["docker-compose.yml", "deploy/Dockerfile", "deploy/example.env", "deploy/README.md"].map(at));
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        let unknown: Vec<_> = words(&text).filter(|word| !known.contains(word)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", file.display());
    }
}

#[test]
fn every_process_is_given_what_it_cannot_do_without() {
    let required = reference().required;
    assert!(required.contains("PATRON_SECRET"), "the help is understood: {required:?}");
    let cluster = [EXAMPLE, MIGRATION].map(|folder| (folder.to_owned(), in_cluster(folder)));
    for (name, environment) in in_compose().into_iter().chain(cluster) {
        let missing: Vec<_> = required.iter().filter(|name| !environment.contains_key(*name)).collect();
        assert!(missing.is_empty(), "{name} is not given {missing:?}");
    }
}

/// Each process finds those that it calls where they are; encrypted where that is on.
#[test]
fn processes_find_each_other() {
    let compose = in_compose();
    let (base, example) = (in_cluster("deploy/kubernetes/base"), in_cluster(EXAMPLE));
    for (caller, called) in calls() {
        for other in called {
            let name = format!("PATRON_{}_URL", other.to_uppercase());
            let (plain, encrypted) = (format!("http://{other}:8081"), format!("https://{other}:8081"));
            assert_eq!(compose[&caller].get(&name), Some(&plain), "{caller} calls {other} in compose");
            assert_eq!(base.get(&name), Some(&plain), "{caller} calls {other} in the base");
            assert_eq!(example.get(&name), Some(&encrypted), "{caller} calls {other} in the cluster");
        }
    }
    assert!(DEPLOYED.iter().all(|name| compose.contains_key(*name)));
}
