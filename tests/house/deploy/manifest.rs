//! The YAML files of a folder as JSON, and the Python programs that check them.
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::Value;

use crate::sources::root;

/// Reads YAML with everything that YAML has: anchors, merged keys, several documents in a file.
const READ: &str = "import json, sys, yaml
json.dump({path: list(yaml.safe_load_all(open(path))) for path in sys.argv[1:]}, sys.stdout, default=str)";

/// The documents of each file.
pub type Files = BTreeMap<PathBuf, Vec<Value>>;

/// A file or folder of the workspace.
pub fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// Every YAML file below `folder`, as paths.
pub fn yaml_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of deploy").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(yaml_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is written in `paths`.
pub fn read(paths: &[PathBuf]) -> Files {
    let output = python_tool("python").arg("-c").arg(READ).args(paths).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Everything below `deploy/kubernetes`, by its full path; read at once, since each reading starts a program.
static KUBERNETES: LazyLock<Files> = LazyLock::new(|| {
    let paths = yaml_below(&at("deploy/kubernetes"));
    let whole: Vec<PathBuf> = paths.iter().map(|path| path.canonicalize().expect("a file")).collect();
    read(&whole)
});

/// The documents of one file below `deploy/kubernetes`.
pub fn manifest(path: &Path) -> &'static [Value] {
    let path = path.canonicalize().unwrap_or_else(|_| panic!("there is no {}", path.display()));
    KUBERNETES.get(&path).map_or(&[], Vec::as_slice)
}

/// The manifests below `deploy/kubernetes`, without the kustomizations that gather them and the patches that say a part.
pub fn manifests() -> Files {
    let whole = |path: &Path| !path.ends_with("kustomization.yaml") && !path.to_string_lossy().ends_with(".patch.yaml");
    let all = KUBERNETES.iter().filter(|(path, _)| whole(path));
    all.map(|(path, documents)| (path.clone(), documents.clone())).collect()
}

/// One of the programs that `cargo xtask test` has installed.
pub fn python_tool(name: &str) -> Command {
    let tools = env::var_os("PATRON_PYTHON_TOOLS").expect("PATRON_PYTHON_TOOLS is not set: run `cargo xtask test`");
    Command::new(PathBuf::from(tools).join("bin").join(name))
}

/// Runs a checking program; what it says is what is wrong.
pub fn approve(command: &mut Command) {
    let output = command.output().expect("a Python program");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// The text at `pointer`, or nothing.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// All documents of this `kind`.
pub fn of_kind<'a>(files: &'a Files, kind: &str) -> Vec<&'a Value> {
    files.values().flatten().filter(|document| document["kind"] == kind).collect()
}
