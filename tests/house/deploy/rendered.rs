//! What a kustomization makes of its parts: as much of kustomize as the manifests here use.
use std::path::Path;

use serde_json::Value;

use super::manifest::{at, manifest, text};

/// The kustomization that an installation is copied from, and the one that migrates for it.
pub const EXAMPLE: &str = "deploy/kubernetes/overlays/example";
pub const MIGRATION: &str = "deploy/kubernetes/overlays/example/migrate";

/// The paths that a kustomization lists under `key`.
pub fn listed(kustomization: &Value, key: &str) -> Vec<String> {
    let entries = kustomization[key].as_array().cloned().unwrap_or_default();
    let path = |entry: &Value| entry.as_str().or_else(|| entry["path"].as_str()).map(str::to_owned);
    entries.iter().filter_map(path).collect()
}

/// The kustomization of a folder.
pub fn kustomization(folder: &Path) -> &'static Value {
    let file = folder.join("kustomization.yaml");
    assert!(file.is_file(), "{} is no kustomization", folder.display());
    &manifest(&file)[0]
}

/// Every resource that a folder makes, as it is applied but for the names of images.
pub fn rendered(folder: &str) -> Vec<Value> {
    let mut all = Vec::new();
    render(&at(folder), &mut all);
    all
}

fn render(folder: &Path, all: &mut Vec<Value>) {
    let own = kustomization(folder);
    for path in listed(own, "resources").into_iter().map(|name| folder.join(name)) {
        if path.is_dir() {
            let mut part = Vec::new();
            render(&path, &mut part);
            all.append(&mut part);
        } else {
            all.extend_from_slice(manifest(&path));
        }
    }
    // A component changes what was gathered before it.
    for name in listed(own, "components") {
        render(&folder.join(name), all);
    }
    for patch in own["patches"].as_array().into_iter().flatten() {
        let change = &manifest(&folder.join(text(patch, "/path")))[0];
        for one in all.iter_mut().filter(|one| is_meant(&patch["target"], one)) {
            let identity = [one["apiVersion"].clone(), one["kind"].clone(), one["metadata"]["name"].clone()];
            merge(one, change, "");
            let [version, kind, name] = identity;
            (one["apiVersion"], one["kind"], one["metadata"]["name"]) = (version, kind, name);
        }
    }
}

/// Whether a patch for `target` changes `one`. Kind and name are patterns, of which only `a|b` is used.
pub fn is_meant(target: &Value, one: &Value) -> bool {
    let fits = |pattern: &Value, name: &str| pattern.as_str().is_none_or(|all| all.split('|').any(|one| one == name));
    fits(&target["kind"], text(one, "/kind")) && fits(&target["name"], text(one, "/metadata/name"))
}

/// Merges as Kubernetes does: fields by their name, and the lists that stand for maps by what their entries are known by.
fn merge(value: &mut Value, change: &Value, field: &str) {
    match (value, change) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(fields.entry(name).or_insert(Value::Null), change, name);
            }
        }
        (Value::Array(entries), Value::Array(changes)) => match (key(field), changes.as_slice()) {
            (_, [first, rest @ ..]) if first["$patch"] == "replace" => *entries = rest.to_vec(),
            (Some(key), changes) => changes.iter().for_each(|change| merge_entry(entries, change, key)),
            (None, changes) => *entries = changes.to_vec(),
        },
        (value, change) => *value = change.clone(),
    }
}

fn merge_entry(entries: &mut Vec<Value>, change: &Value, key: &str) {
    match entries.iter_mut().find(|entry| entry[key] == change[key]) {
        Some(entry) => merge(entry, change, ""),
        None => entries.push(change.clone()),
    }
}

/// What the entries of the list `field` are known by.
fn key(field: &str) -> Option<&'static str> {
    match field {
        "containers" | "volumes" | "env" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "ports" => Some("port"),
        _ => None,
    }
}
