//! Kustomizations: what they name is there, what is there is named, and patches find what they change.
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::manifest::{at, manifest, text, yaml_below};

const FILE: &str = "kustomization.yaml";

/// The kustomization of a folder.
fn kustomization(folder: &Path) -> Value {
    let file = folder.join(FILE);
    assert!(file.is_file(), "{} is no kustomization", folder.display());
    manifest(&file)[0].clone()
}

fn folders() -> Vec<PathBuf> {
    let files = yaml_below(&at("deploy/kubernetes"));
    let found = files.iter().filter(|file| file.ends_with(FILE)).filter_map(|file| file.parent());
    found.map(Path::to_path_buf).collect()
}

/// The paths that a kustomization lists under `key`.
fn listed(kustomization: &Value, key: &str) -> Vec<String> {
    let entries = kustomization[key].as_array().cloned().unwrap_or_default();
    let path = |entry: &Value| entry.as_str().or_else(|| entry["path"].as_str()).map(str::to_owned);
    entries.iter().filter_map(path).collect()
}

/// Every resource that a folder makes, those of the folders and components it names included.
fn resources(folder: &Path) -> Vec<Value> {
    let own = kustomization(folder);
    let mut all = Vec::new();
    for name in listed(&own, "resources").into_iter().chain(listed(&own, "components")) {
        let path = folder.join(&name);
        if path.is_dir() {
            all.extend(resources(&path));
        } else {
            all.extend_from_slice(manifest(&path));
        }
    }
    all
}

/// A folder and the components in it.
fn with_components(folder: &Path) -> Vec<PathBuf> {
    let components = listed(&kustomization(folder), "components");
    components.into_iter().map(|name| folder.join(name)).chain([folder.to_path_buf()]).collect()
}

#[test]
fn what_is_named_is_there_and_what_is_there_is_named() {
    for folder in folders() {
        let own = kustomization(&folder);
        let mut named = BTreeSet::from([FILE.to_owned()]);
        for name in ["resources", "components", "patches"].iter().flat_map(|key| listed(&own, key)) {
            let path = folder.join(&name);
            assert!(path.is_file() || path.join(FILE).is_file(), "{} names {name}", folder.display());
            named.insert(name);
        }
        for file in yaml_below(&folder).iter().filter(|file| file.parent() == Some(&folder)) {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(named.contains(&name), "{} is in no kustomization", file.display());
        }
    }
}

/// A patch without its target makes `kubectl` fail; a name of an image that nothing uses changes nothing, unseen.
#[test]
fn overlays_change_what_there_is() {
    for folder in folders().iter().filter(|folder| kustomization(folder)["kind"] == "Kustomization") {
        let all = resources(folder);
        for part in with_components(folder) {
            let own = kustomization(&part);
            for patch in own["patches"].as_array().into_iter().flatten() {
                let (kind, name) = (text(patch, "/target/kind"), text(patch, "/target/name"));
                let found = all.iter().any(|one| one["kind"] == kind && text(one, "/metadata/name") == name);
                assert!(found, "{}: there is no {kind} {name}", folder.display());
            }
            for image in own["images"].as_array().into_iter().flatten() {
                let used = all.iter().any(|one| text(one, "/spec/template/spec/containers/0/image") == image["name"]);
                assert!(used, "{}: nothing uses the image {}", folder.display(), image["name"]);
                assert!(image["newTag"] != "latest" && image["newTag"].is_string(), "{image}");
            }
        }
    }
}

/// The services are not in what is applied first, and the migration is not in what is applied then.
#[test]
fn migrations_go_before_the_services() {
    let kinds = |folder: &str| -> BTreeSet<String> {
        resources(&at(folder)).iter().map(|one| text(one, "/kind").to_owned()).collect()
    };
    let (first, then) = (kinds("deploy/kubernetes/base/migrate"), kinds("deploy/kubernetes/base"));
    assert!(first.contains("Job") && !first.contains("Deployment"), "{first:?}");
    assert!(then.contains("Deployment") && !then.contains("Job"), "{then:?}");
}
