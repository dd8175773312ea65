//! What Patron is meant to reach, and whether it did.

use serde::{Deserialize, Serialize};

use super::report::{FormReport, Limits, Measurement, Report};

/// One of them, judged.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Goal {
    pub what: String,
    pub wanted: String,
    pub got: String,
    pub reached: bool,
}

/// Searches a second at 100 000 customers; half of what they were is wanted of more.
const SEARCHES: f64 = 600.0;

/// All that can be judged. `smaller` is an earlier report with 100 000 customers.
pub fn judge(report: &Report, smaller: Option<&Report>) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let Some(one) = report.form("one") {
        for measurement in &one.measurements {
            goals.extend(of_one(measurement, &report.limits));
        }
        goals.extend(one.of("search").map(|search| searches(search, report.customers, smaller)));
        goals.extend(of_process(one));
    }
    if let (Some(one), Some(separate)) = (report.form("one"), report.form("separate")) {
        goals.extend(separate.measurements.iter().filter_map(|measurement| of_separate(measurement, one)));
    }
    goals
}

fn of_one(measured: &Measurement, limits: &Limits) -> Vec<Goal> {
    let rate = |wanted: f64, why: &str| at_least(measured, wanted, why);
    match (&*measured.scenario, limits.of(&measured.scenario, measured.connections)) {
        ("customer", limit) => {
            let why = "a fifth of pgbench -S";
            let reading = limit.map(|(_, select)| rate(select / 5.0, &format!(", {why}")));
            let quick =
                (measured.connections == 64).then(|| below("customer, p99 at 64", measured.p99_ms, (15.0, "ms")));
            [reading.unwrap_or_else(|| unmeasured(measured, why))].into_iter().chain(quick).collect()
        }
        ("cart_line", _) => vec![rate(1_000.0, "")],
        ("purchase", _) => {
            let what = format!("purchase at {}, events applied after", measured.connections);
            let events = measured.settled_ms.map(|settled| below(&what, settled, (2_000.0, "ms")));
            events.into_iter().chain([rate(250.0, "")]).collect()
        }
        ("login", Some((_, hashes))) if hashes > 0.0 => vec![rate(hashes * 0.9, ", 90 % of the bare hash")],
        ("login", _) => vec![unmeasured(measured, "90 % of the bare hash")],
        _ => Vec::new(),
    }
}

fn searches(search: &Measurement, customers: u32, smaller: Option<&Report>) -> Goal {
    if customers <= 100_000 {
        return at_least(search, SEARCHES, "");
    }
    let then = smaller.and_then(|report| report.form("one")?.find("search", search.connections));
    let wanted = then.map_or(SEARCHES, |then| then.per_second) / 2.0;
    at_least(search, wanted, ", half of that with 100 000 customers")
}

#[expect(clippy::cast_precision_loss, reason = "memory, to be read in MB")]
fn of_process(one: &FormReport) -> Vec<Goal> {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let mut goals = vec![
        below("start to ready", one.ready_ms, (1_000.0, "ms")),
        below("memory, idle", megabytes(one.memory_idle), (100.0, "MB")),
    ];
    if one.memory_loaded > 0 {
        goals.push(below("memory, loaded", megabytes(one.memory_loaded), (300.0, "MB")));
    }
    goals
}

fn of_separate(measured: &Measurement, one: &FormReport) -> Option<Goal> {
    let one = one.find(&measured.scenario, measured.connections)?;
    let goal = at_least(measured, one.per_second * 0.6, ", 60 % of one process");
    Some(Goal { what: format!("separate: {}", goal.what), ..goal })
}

fn at_least(measured: &Measurement, wanted: f64, why: &str) -> Goal {
    Goal {
        what: format!("{} at {}", measured.scenario, measured.connections),
        wanted: format!("at least {wanted:.0}/s{why}"),
        got: format!("{:.0}/s", measured.per_second),
        reached: measured.per_second >= wanted,
    }
}

/// A goal whose limit nobody knows, which counts as missed.
fn unmeasured(measured: &Measurement, wanted: &str) -> Goal {
    let goal = at_least(measured, 0.0, "");
    Goal {
        wanted: format!("at least {wanted}"),
        got: format!("{}, the limit not measured", goal.got),
        reached: false,
        ..goal
    }
}

fn below(what: &str, got: f64, (limit, unit): (f64, &str)) -> Goal {
    Goal {
        what: what.to_owned(),
        wanted: format!("below {limit:.0} {unit}"),
        got: format!("{got:.0} {unit}"),
        reached: got < limit,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::report::{Machine, PgbenchRates};
    use super::*;

    fn measured(scenario: &str, per_second: f64, p99_ms: f64) -> Measurement {
        Measurement {
            scenario: scenario.to_owned(),
            connections: 64,
            seconds: 8.0,
            flows: 100,
            requests: 100,
            errors: 0,
            error: None,
            per_second,
            p50_ms: 1.0,
            p99_ms,
            max_ms: 100.0,
            processor_us: BTreeMap::new(),
            memory: 200_000_000,
            settled_ms: (scenario == "purchase").then_some(p99_ms * 100.0),
        }
    }

    fn form(form: &str, measurements: Vec<Measurement>) -> FormReport {
        FormReport { form: form.to_owned(), ready_ms: 300.0, memory_idle: 50, memory_loaded: 400_000_000, measurements }
    }

    fn report(customers: u32, forms: Vec<FormReport>) -> Report {
        let rates = PgbenchRates { clients: 64, select: 40_000.0, select_again: 40_000.0, tpcb: 2_000.0 };
        Report {
            machine: Machine { processor: String::new(), cores: 2, memory_mib: 1 },
            customers,
            seconds: 8,
            limits: Limits { hashes: 50.0, pgbench: vec![rates] },
            prices: Vec::new(),
            forms,
            goals: Vec::new(),
        }
    }

    fn missed(report: &Report, smaller: Option<&Report>) -> Vec<String> {
        judge(report, smaller).into_iter().filter(|goal| !goal.reached).map(|goal| goal.what).collect()
    }

    #[test]
    fn every_goal_can_be_missed() {
        let slow = ["customer", "search", "cart_line", "purchase", "login"].map(|name| measured(name, 40.0, 30.0));
        let missed = missed(&report(100_000, vec![form("one", slow.to_vec())]), None);
        let expected = [
            "customer at 64",
            "customer, p99 at 64",
            "cart_line at 64",
            "purchase at 64, events applied after",
            "purchase at 64",
            "login at 64",
            "search at 64",
            "memory, loaded",
        ];
        assert_eq!(missed, expected);
    }

    /// Without pgbench there is nothing to compare with, which is no success.
    #[test]
    fn a_limit_that_is_not_known_is_not_kept() {
        let quick = vec![measured("customer", 90_000.0, 1.0), measured("login", 900.0, 1.0)];
        let report = report(100_000, vec![form("one", quick)]);
        let unknown = Report { limits: Limits::default(), ..report };
        assert_eq!(missed(&unknown, None), ["customer at 64", "login at 64", "memory, loaded"]);
        let goals = judge(&unknown, None);
        assert_eq!(goals[0].wanted, "at least a fifth of pgbench -S");
        assert_eq!(goals[0].got, "90000/s, the limit not measured");
    }

    #[test]
    fn separate_processes_are_compared_with_one() {
        let one = || form("one", vec![measured("customer", 9_000.0, 10.0)]);
        let separate = |rate| report(100_000, vec![one(), form("separate", vec![measured("customer", rate, 20.0)])]);
        assert_eq!(missed(&separate(5_000.0), None), ["memory, loaded", "separate: customer at 64"]);
        assert_eq!(missed(&separate(6_000.0), None), ["memory, loaded"]);
    }

    #[test]
    fn ten_times_the_customers_may_halve_the_searches() {
        let of = |customers, rate| report(customers, vec![form("one", vec![measured("search", rate, 10.0)])]);
        let smaller = of(100_000, 900.0);
        assert_eq!(missed(&of(1_000_000, 440.0), Some(&smaller)), ["search at 64", "memory, loaded"]);
        assert_eq!(missed(&of(1_000_000, 460.0), Some(&smaller)), ["memory, loaded"]);
        assert_eq!(missed(&of(1_000_000, 310.0), None), ["memory, loaded"]);
    }
}
