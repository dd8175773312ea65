//! Kustomizations: what they name is there, what is there is named, and patches find what they change.
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    manifest::{at, text, yaml_below},
    rendered::{is_meant, kustomization, listed, rendered},
};

const FILE: &str = "kustomization.yaml";

fn folders() -> Vec<PathBuf> {
    let files = yaml_below(&at("deploy/kubernetes"));
    let found = files.iter().filter(|file| file.ends_with(FILE)).filter_map(|file| file.parent());
    found.map(Path::to_path_buf).collect()
}

/// A folder and the components in it, and in those.
fn with_components(folder: &Path) -> Vec<PathBuf> {
    let components = listed(kustomization(folder), "components");
    let mut all = vec![folder.to_path_buf()];
    all.extend(components.into_iter().flat_map(|name| with_components(&folder.join(name))));
    all
}

#[test]
fn what_is_named_is_there_and_what_is_there_is_named() {
    for folder in folders() {
        let own = kustomization(&folder);
        let mut named = BTreeSet::from([FILE.to_owned()]);
        for name in ["resources", "components", "patches"].iter().flat_map(|key| listed(own, key)) {
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

/// The overlays that `part` is in, itself or as a component, with all that each makes.
fn overlays_with(part: &Path) -> Vec<Vec<Value>> {
    let part = part.canonicalize().expect("a folder");
    let overlays = folders().into_iter().filter(|folder| kustomization(folder)["kind"] == "Kustomization");
    let has = |folder: &PathBuf| with_components(folder).iter().any(|one| one.canonicalize().unwrap() == part);
    overlays.filter(has).map(|folder| rendered(&folder.to_string_lossy())).collect()
}

/// A patch without its target, or the name of an image that nothing uses, changes nothing, unseen.
#[test]
fn overlays_change_what_there_is() {
    for part in folders() {
        let (own, overlays) = (kustomization(&part), overlays_with(&part));
        assert!(!overlays.is_empty(), "{} is in no overlay", part.display());
        for patch in own["patches"].as_array().into_iter().flatten() {
            // A component may have some for the services and some for the migration.
            let found = overlays.iter().flatten().any(|one| is_meant(&patch["target"], one));
            assert!(found, "{}: there is no {}", part.display(), patch["target"]);
            let names = patch["target"]["name"].as_str().into_iter().flat_map(|names| names.split('|'));
            for name in names {
                let found = overlays.iter().flatten().any(|one| text(one, "/metadata/name") == name);
                assert!(found, "{}: there is no {name}", part.display());
            }
        }
        for image in own["images"].as_array().into_iter().flatten() {
            let uses = |one: &Value| text(one, "/spec/template/spec/containers/0/image") == image["name"];
            let used = overlays.iter().all(|all| all.iter().any(uses));
            assert!(used, "{}: nothing uses the image {}", part.display(), image["name"]);
            assert!(image["newTag"] != "latest" && image["newTag"].is_string(), "{image}");
        }
    }
}

/// The services are not in what is applied first, and the migration is not in what is applied then.
#[test]
fn migrations_go_before_the_services() {
    let kinds = |folder: &str| -> BTreeSet<String> {
        rendered(folder).iter().map(|one| text(one, "/kind").to_owned()).collect()
    };
    let (first, then) = (kinds("deploy/kubernetes/base/migrate"), kinds("deploy/kubernetes/base"));
    assert!(first.contains("Job") && !first.contains("Deployment"), "{first:?}");
    assert!(then.contains("Deployment") && !then.contains("Job"), "{then:?}");
}
