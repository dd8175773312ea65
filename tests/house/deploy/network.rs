//! Who may talk to whom: the network policies are the calls there are in the code, no more and no fewer.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::manifest::{manifests, of_kind, text};
use crate::sources::rust;

/// What runs as processes of their own. The console shares the gateway's.
pub const DEPLOYED: [&str; 8] =
    ["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews", "gateway"];

type Calls = BTreeMap<String, BTreeSet<String>>;

/// Which process calls which: the peers that the sources name. Everybody asks identity who a caller is.
pub fn calls() -> Calls {
    let mut calls = Calls::new();
    for service in house::SERVICES {
        let process = if service == "console" { "gateway" } else { service };
        let called = calls.entry(process.to_owned()).or_default();
        called.insert("identity".to_owned());
        for (_, text) in rust(&format!("crates/{service}/src")) {
            called.extend(named(&text, "peer(NAME, \""));
            if text.contains("macro_rules! peers") {
                called.extend(named(&text, " at \""));
            }
        }
    }
    for (process, called) in &mut calls {
        called.remove(process);
    }
    calls
}

/// The words that stand in quotes after `mark`.
fn named(text: &str, mark: &str) -> Vec<String> {
    let after = text.split(mark).skip(1);
    after.filter_map(|rest| rest.split_once('"')).map(|(word, _)| word.to_owned()).collect()
}

/// The names that a rule of a policy admits.
fn admitted(rule: &Value, side: &str) -> Vec<String> {
    let selectors = rule[side].as_array().into_iter().flatten();
    let names = selectors.filter_map(|one| one.pointer("/podSelector/matchExpressions/0/values")?.as_array().cloned());
    names.flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// The calls that policies allow, seen from the caller (`Egress`) or from the called (`Ingress`).
fn allowed(direction: &str) -> Calls {
    let (rules, side) = if direction == "Egress" { ("egress", "to") } else { ("ingress", "from") };
    let mut allowed = Calls::new();
    let files = manifests();
    for policy in of_kind(&files, "NetworkPolicy") {
        let subject = text(policy, "/spec/podSelector/matchLabels/app.kubernetes.io~1name");
        for rule in policy["spec"][rules].as_array().into_iter().flatten() {
            for other in admitted(rule, side) {
                assert_eq!(text(policy, "/spec/policyTypes/0"), direction);
                assert_eq!(rule["ports"], serde_json::json!([{"port": 8081, "protocol": "TCP"}]));
                let (caller, called) =
                    if direction == "Egress" { (subject.to_owned(), other) } else { (other, subject.to_owned()) };
                allowed.entry(caller).or_default().insert(called);
            }
        }
    }
    allowed
}

#[test]
fn who_calls_may_and_who_does_not_may_not() {
    let calls = calls();
    assert_eq!(allowed("Egress"), calls, "from the callers' side");
    assert_eq!(allowed("Ingress"), calls, "from the side of who is called");
}

/// Who speaks to the world: notifications to mail servers and providers, identity to those that people sign in with,
/// and catalog and customers to the bucket that files go to. Nobody reaches what is inside by way of that.
#[test]
fn five_leave_the_cluster() {
    let files = manifests();
    let mut leaving = BTreeMap::new();
    for policy in of_kind(&files, "NetworkPolicy") {
        for rule in policy["spec"]["egress"].as_array().into_iter().flatten() {
            let Some(block) = rule.pointer("/to/0/ipBlock") else { continue };
            assert!(block["except"].as_array().is_some_and(|inside| inside.len() >= 4), "{block}");
            let ports = rule["ports"].as_array().into_iter().flatten().filter_map(|port| port["port"].as_u64());
            let who = text(policy, "/spec/podSelector/matchLabels/app.kubernetes.io~1name").to_owned();
            leaving.insert(who, ports.collect::<Vec<_>>());
        }
    }
    let expected = [
        ("catalog", vec![443]),
        ("customers", vec![443]),
        ("identity", vec![443]),
        ("notifications", vec![443, 465, 587]),
        ("orders", vec![443]),
    ];
    assert_eq!(leaving, expected.map(|(who, ports)| (who.to_owned(), ports)).into());
}

/// What no policy allows is denied, in and out.
#[test]
fn the_rule_is_no() {
    let files = manifests();
    let all = of_kind(&files, "NetworkPolicy").into_iter().find(|policy| {
        policy["spec"]["podSelector"] == serde_json::json!({}) && policy["spec"].get("ingress").is_none()
    });
    let all = all.expect("a policy for everybody");
    assert_eq!(all["spec"]["policyTypes"], serde_json::json!(["Ingress", "Egress"]));
    assert!(all["spec"].get("egress").is_none());
}
