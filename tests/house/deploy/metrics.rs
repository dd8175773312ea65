//! Dashboards and alerts look at metrics and labels that running processes tell: a name spelled wrong shows nothing and
//! wakes nobody.
use std::collections::BTreeSet;

use e2e::{House, Shop, eventually};
use serde_json::Value;

use super::manifest::{at, read};

/// What Prometheus adds of its own.
const METRICS_OF_PROMETHEUS: [&str; 1] = ["up"];
const LABELS_OF_PROMETHEUS: [&str; 3] = ["job", "instance", "process"];
/// Words of the query language that look like names.
const WORDS: [&str; 8] = ["and", "or", "unless", "by", "without", "on", "ignoring", "offset"];

/// What an expression, or what a process tells, is made of.
#[derive(Debug, Default)]
struct Names {
    metrics: BTreeSet<String>,
    labels: BTreeSet<String>,
}

impl Names {
    /// Reads a query. Names before a parenthesis are functions, those in braces and after `by` are labels.
    fn of_query(query: &str) -> Self {
        let mut names = Self::default();
        let (mut depth_of_labels, mut after_by, mut braces) = (0_u32, false, false);
        let bare = without_values(query);
        let mut rest = bare.as_str();
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_:$".contains(c)).unwrap_or(rest.len());
            let word = &rest[..end.max(first.len_utf8())];
            rest = &rest[word.len()..];
            match word {
                "{" => braces = true,
                "}" => braces = false,
                "(" if after_by || depth_of_labels > 0 => (after_by, depth_of_labels) = (false, depth_of_labels + 1),
                ")" => depth_of_labels = depth_of_labels.saturating_sub(1),
                _ if WORDS.contains(&word) => after_by = ["by", "on", "without", "ignoring"].contains(&word),
                _ if !first.is_ascii_lowercase() => {}
                _ if braces || depth_of_labels > 0 => drop(names.labels.insert(word.to_owned())),
                _ if !rest.trim_start().starts_with('(') && !rest.trim_start().starts_with("by") => {
                    names.metrics.insert(word.to_owned());
                }
                _ => {}
            }
        }
        names
    }

    /// Reads what `/metrics` answers.
    fn of_answer(text: &str) -> Self {
        let mut names = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, labels) = line.split_once('{').unwrap_or((line.split(' ').next().unwrap_or_default(), ""));
            names.metrics.insert(name.to_owned());
            let before_values = labels.split("=\"").filter_map(|before| before.rsplit([',', '{']).next());
            let is_name = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            names.labels.extend(before_values.filter(is_name).map(str::to_owned));
        }
        names
    }
}

/// A query without what is in quotes and in brackets.
fn without_values(query: &str) -> String {
    let unquoted: String = query.split('"').step_by(2).collect();
    let parts = unquoted.split('[').map(|part| part.split_once(']').map_or(part, |(_, after)| after));
    parts.collect()
}

/// Every text under a key called `key`, however deep.
fn under(value: &Value, key: &str) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let here = map.get(key).and_then(Value::as_str).map(str::to_owned);
            here.into_iter().chain(map.values().flat_map(|inner| under(inner, key))).collect()
        }
        Value::Array(list) => list.iter().flat_map(|inner| under(inner, key)).collect(),
        _ => Vec::new(),
    }
}

/// All queries of the dashboard and the alerts.
fn queries() -> Vec<String> {
    let files = ["grafana/dashboards/patron.json", "prometheus/alerts.yaml"];
    let files = read(&files.map(|name| at(&format!("deploy/observability/{name}"))));
    files.values().flatten().flat_map(|document| under(document, "expr")).collect()
}

#[test]
fn queries_are_understood() {
    let names = Names::of_query(
        r#"histogram_quantile(0.99, sum by (le, route) (rate(took_bucket{code=~"5..|a"}[5m]))) > 1 and on (job) up == 0"#,
    );
    assert_eq!(names.metrics.into_iter().collect::<Vec<_>>(), ["took_bucket", "up"]);
    assert_eq!(names.labels.into_iter().collect::<Vec<_>>(), ["code", "job", "le", "route"]);
    let told = Names::of_answer("# TYPE a counter\na{service=\"x, y\",le=\"1\"} 3\nb 4\n");
    assert_eq!(told.metrics.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(told.labels.into_iter().collect::<Vec<_>>(), ["le", "service"]);
}

/// PL-5: whatever is drawn and whatever wakes somebody is told by a house in which somebody bought something.
#[tokio::test]
async fn what_is_watched_is_told() -> anyhow::Result<()> {
    let queries = queries();
    assert!(queries.len() > 25, "the dashboard and the alerts are read");
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let all = eventually("consumers have been asked how far they are", || async {
        let text = reqwest::get(format!("{}/metrics", house.ops("gateway"))).await?.text().await?;
        Ok(text.contains("inbox_unacknowledged{").then_some(text))
    });
    let told = Names::of_answer(&all.await?);
    for query in queries {
        let asked = Names::of_query(&query);
        let is_told = |name: &&String| told.metrics.contains(*name) || METRICS_OF_PROMETHEUS.contains(&name.as_str());
        assert!(!asked.metrics.is_empty() && asked.metrics.iter().all(|name| is_told(&name)), "{query}: {asked:?}");
        let is_label = |name: &&String| told.labels.contains(*name) || LABELS_OF_PROMETHEUS.contains(&name.as_str());
        assert!(asked.labels.iter().all(|name| is_label(&name)), "{query}: {asked:?}");
    }
    assert!(told.metrics.contains("http_duration_seconds_bucket"), "durations can be summed over processes");
    Ok(())
}
