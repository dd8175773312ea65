//! A report for readers: tables in Markdown that also read well as they are.

use super::report::{FormReport, Limits, Measurement, PgbenchRates, Price, Report};

/// Everything there is to tell.
pub fn render(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "{} customers, {} s each; {} cores ({}), {} GiB, which load, house and servers share\n\n",
        report.customers,
        report.seconds,
        machine.cores,
        machine.processor,
        machine.memory_mib / 1024,
    );
    text += &limits(&report.limits);
    let price = |Price { lines, nanoseconds }: &Price| {
        format!("\nA price of a cart with {lines} lines: {:.1} µs.", nanoseconds / 1000.0)
    };
    text.extend(report.prices.iter().map(price));
    text += if report.prices.is_empty() { "" } else { "\n" };
    for form in &report.forms {
        text += "\n";
        text += &measured(form, report);
    }
    if !report.goals.is_empty() {
        text += "\n";
        text += &goals(report);
    }
    text
}

fn limits(limits: &Limits) -> String {
    let mut rows = vec![cells(["limit", "clients", "per second", "again at the end"])];
    for PgbenchRates { clients, select, select_again, tpcb } in &limits.pgbench {
        let drift = (select_again / select - 1.0) * 100.0;
        let again = format!("{select_again:.0} ({drift:+.0} %)");
        rows.push(cells(["pgbench -S -M prepared", &clients.to_string(), &format!("{select:.0}"), &again]));
        rows.push(cells(["pgbench -M prepared", &clients.to_string(), &format!("{tpcb:.0}"), ""]));
    }
    if limits.hashes > 0.0 {
        rows.push(cells(["Argon2id alone", "", &format!("{:.1}", limits.hashes), ""]));
    }
    align(&rows)
}

fn measured(form: &FormReport, report: &Report) -> String {
    let name = if form.form == "one" { "one process" } else { "separate processes" };
    let mut text = format!(
        "{name}: ready after {:.0} ms, memory {:.0} MB idle, {:.0} MB loaded\n\n",
        form.ready_ms,
        megabytes(form.memory_idle),
        megabytes(form.memory_loaded),
    );
    let one = report.form("one").filter(|one| one.form != form.form);
    let heading = ["scenario", "at", "per second", "of the limit", "of one process", "p50 ms", "p99 ms", "errors"];
    let costs = ["house µs", "PostgreSQL µs", "nats µs", "load µs"];
    let mut rows = vec![heading.into_iter().chain(costs).map(str::to_owned).collect()];
    for measurement in &form.measurements {
        rows.push(row(measurement, &report.limits, one));
    }
    text += &align(&rows);
    let settled = form.of("purchase").filter_map(|measured| {
        let (connections, settled) = (measured.connections, measured.settled_ms?);
        Some(format!("\nAll events of the purchases at {connections} were applied {settled:.0} ms after the last."))
    });
    text.extend(settled);
    text + "\n"
}

fn row(measured: &Measurement, limits: &Limits, one: Option<&FormReport>) -> Vec<String> {
    let Measurement { scenario, connections, per_second, p50_ms, p99_ms, errors, .. } = measured;
    let limit = limits.of(scenario, *connections).filter(|(_, rate)| *rate > 0.0);
    let limit = limit.map(|(what, rate)| format!("{:.1} % of {what}", per_second / rate * 100.0));
    let one = one.and_then(|one| one.find(scenario, *connections)).filter(|one| one.per_second > 0.0);
    let one = one.map(|one| format!("{:.0} %", per_second / one.per_second * 100.0));
    let cost = |name: &str| measured.processor_us.get(name).map_or(String::new(), |spent| format!("{spent:.0}"));
    vec![
        scenario.clone(),
        connections.to_string(),
        if *per_second < 100.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") },
        limit.unwrap_or_default(),
        one.unwrap_or_default(),
        format!("{p50_ms:.1}"),
        format!("{p99_ms:.1}"),
        errors.to_string(),
        cost("patron"),
        cost("postgres"),
        cost("nats"),
        cost("load"),
    ]
}

fn goals(report: &Report) -> String {
    let mut rows = vec![cells(["goal", "wanted", "got", ""])];
    for goal in &report.goals {
        rows.push(cells([&goal.what, &goal.wanted, &goal.got, if goal.reached { "reached" } else { "missed" }]));
    }
    align(&rows)
}

#[expect(clippy::cast_precision_loss, reason = "memory, to be read in MB")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn cells<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// A table whose first row is its heading. Columns without anything in them are left out, and so is an empty table.
fn align(rows: &[Vec<String>]) -> String {
    if rows.len() < 2 {
        return String::new();
    }
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3);
    let filled: Vec<usize> =
        (0..columns).filter(|column| rows.iter().skip(1).any(|row| !row[*column].is_empty())).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let line = filled.iter().map(|column| format!(" {:1$} |", row[*column], width(*column)));
        text += &line.fold("|".to_owned(), |line, cell| line + &cell);
        text += "\n";
        if number == 0 {
            let rule = filled.iter().map(|column| format!(" {} |", "-".repeat(width(*column))));
            text += &rule.fold("|".to_owned(), |line, cell| line + &cell);
            text += "\n";
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned_and_empty_columns_left_out() {
        let rows = [cells(["what", "x", "rate"]), cells(["search", "", "600"]), cells(["sort", "", "1000"])];
        let text = "| what   | rate |\n| ------ | ---- |\n| search | 600  |\n| sort   | 1000 |\n";
        assert_eq!(align(&rows), text);
        assert_eq!(align(&rows[..1]), "");
    }
}
