//! `cargo xtask deny`: licences, banned crates and sources, by `.deny.toml` and without a network.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use crate::cargo;
use crate::checkout::Checkout;

/// The part of cargo-deny's file that is obeyed here. A key that is not known is an error, so
/// that nobody believes in a rule that nothing checks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    #[serde(rename = "sources")]
    _sources: Sources,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Licenses {
    allow: Vec<String>,
    /// What single crates may have besides.
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(rename = "private")]
    _private: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Bans {
    deny: Vec<Ban>,
    #[serde(rename = "multiple-versions")]
    _multiple_versions: Allow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sources {
    #[serde(rename = "unknown-registry")]
    _unknown_registry: Deny,
    #[serde(rename = "unknown-git")]
    _unknown_git: Deny,
}

/// The one value a key may have here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Allow {
    Allow,
}

/// The one value a key may have here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Deny {
    Deny,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for the workspace's own.
    source: Option<String>,
}

/// Fails with every objection to a package that is depended on.
pub fn deny(checkout: &Checkout) -> Result<()> {
    let text = fs::read_to_string(checkout.root().join(".deny.toml")).context(".deny.toml")?;
    let policy: Policy = toml::from_str(&text).context(".deny.toml")?;
    let mut arguments = vec!["--locked"];
    for target in &policy.graph.targets {
        arguments.extend(["--filter-platform", target]);
    }
    // Not asking the network makes the answer the same everywhere; what is missing is fetched.
    let offline = [arguments.as_slice(), &["--offline"]].concat();
    let metadata: Metadata = cargo::metadata(checkout, &offline).or_else(|_| cargo::metadata(checkout, &arguments))?;
    let foreign: Vec<_> = metadata.packages.iter().filter(|package| package.source.is_some()).collect();
    let objections = policy.objections(&foreign)?;
    if !objections.is_empty() {
        bail!("{} objections:\n  {}", objections.len(), objections.join("\n  "));
    }
    println!("{} dependencies: licences, bans and sources are in order", foreign.len());
    Ok(())
}

impl Policy {
    fn objections(&self, packages: &[&Package]) -> Result<Vec<String>> {
        let mut objections = Vec::new();
        for package in packages {
            let reasons = [self.ban(package), licence(package, &self.allowed(package)?), source(package)];
            let name = format!("{} {}", package.name, package.version);
            objections.extend(reasons.into_iter().flatten().map(|reason| format!("{name}: {reason}")));
        }
        Ok(objections)
    }

    fn allowed(&self, package: &Package) -> Result<Vec<Licensee>> {
        let exceptions = self.licenses.exceptions.iter().filter(|exception| exception.name == package.name);
        let names = self.licenses.allow.iter().chain(exceptions.flat_map(|exception| &exception.allow));
        let parse =
            |name: &String| Licensee::parse(name).with_context(|| format!("{name} in .deny.toml is no licence"));
        names.map(parse).collect()
    }

    fn ban(&self, package: &Package) -> Option<String> {
        let ban = self.bans.deny.iter().find(|ban| ban.name == package.name)?;
        Some(format!("banned: {}", ban.reason))
    }
}

fn licence(package: &Package, allowed: &[Licensee]) -> Option<String> {
    let Some(text) = &package.license else { return Some("it names no licence".to_owned()) };
    // Old manifests part licences by a slash, which means "or".
    match Expression::parse_mode(text, ParseMode::LAX) {
        Ok(expression) => {
            let fits = expression.evaluate(|asked| allowed.iter().any(|licence| licence.satisfies(asked)));
            (!fits).then(|| format!("its licence {text} is not allowed"))
        }
        Err(error) => Some(format!("its licence {text} is not understood: {}", error.reason)),
    }
}

/// The registry is the one source: `Cargo.lock` pins what it gave by checksum.
fn source(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    (!source.starts_with("registry+")).then(|| format!("its source is {source}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objections(name: &str, license: Option<&str>, source: &str) -> Vec<String> {
        let policy: Policy = toml::from_str(
            "[graph]\ntargets = []\n\
             [licenses]\nallow = ['MIT', 'Apache-2.0']\nexceptions = [{ crate = 'driver', allow = ['MPL-2.0'] }]\nprivate = { ignore = true }\n\
             [bans]\nmultiple-versions = 'allow'\ndeny = [{ crate = 'openssl', reason = 'no' }]\n\
             [sources]\nunknown-registry = 'deny'\nunknown-git = 'deny'\n",
        )
        .unwrap();
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: Some(source.to_owned()),
        };
        policy.objections(&[&package]).unwrap()
    }

    #[test]
    fn one_allowed_licence_of_several_is_enough() {
        for license in ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "Apache-2.0 WITH LLVM-exception OR MIT"] {
            assert_eq!(objections("a", Some(license), "registry+x"), Vec::<String>::new(), "{license}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_crate_alone() {
        assert_eq!(objections("driver", Some("MPL-2.0"), "registry+x"), Vec::<String>::new());
        assert_eq!(objections("a", Some("MPL-2.0"), "registry+x").len(), 1);
    }

    #[test]
    fn every_licence_of_a_conjunction_must_be_allowed() {
        assert_eq!(objections("a", Some("MIT AND GPL-3.0-only"), "registry+x").len(), 1);
        assert_eq!(objections("a", Some("LicenseRef-own"), "registry+x").len(), 1);
        assert_eq!(objections("a", None, "registry+x").len(), 1);
    }

    #[test]
    fn banned_crates_and_other_sources_are_named() {
        assert_eq!(objections("openssl", Some("MIT"), "registry+x"), ["openssl 1.0.0: banned: no"]);
        assert_eq!(objections("a", Some("MIT"), "git+x"), ["a 1.0.0: its source is git+x"]);
    }
}
