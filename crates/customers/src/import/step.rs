//! Sees to a few rows: what becomes of them and that they were seen to are one transaction.
use std::collections::HashMap;

use csv::StringRecord;
use kit::{Tx, ids::CustomerId, secret};

use super::{
    Import, State,
    fault::Fault,
    import::Outcome,
    plan::{Intake, Planned, carry, plan},
    row::{Reading, Row},
    store::{self, Line},
    table::Rows,
};
use crate::{
    Error,
    timeline::{Moment, store as timeline},
};

/// Rows of a step.
const ROWS: usize = 50;

/// Of each person in a file, the last line about them that can be taken. People are told apart by a hash: whoever keeps the file in memory
/// keeps too much.
#[derive(Clone, Debug, Default)]
pub struct LastLines(HashMap<[u8; 16], i64>);

impl LastLines {
    /// Reads `rows` from where they are to the end.
    pub fn read(rows: &mut Rows, reading: &Reading) -> std::io::Result<Self> {
        let mut last = Self::default();
        while let Some((line, cells)) = rows.next_row()? {
            let row = reading.read(&cells);
            // What is refused takes no other's place.
            if let Some(whom) = row.whom().filter(|_| !row.faults.iter().any(|fault| fault.refuses)) {
                last.0.insert(hash(&whom), line);
            }
        }
        Ok(last)
    }

    fn is_superseded(&self, line: i64, row: &Row) -> bool {
        row.whom().is_some_and(|whom| self.0.get(&hash(&whom)).is_some_and(|last| *last > line))
    }
}

fn hash(whom: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&secret::sha256(whom.as_bytes())[..16]);
    short
}

/// What came of a few rows.
#[derive(Debug, Default)]
struct Came {
    lines: Vec<Line>,
    faults: Vec<(i64, Fault)>,
}

/// The next few rows of a file, from where `import` says.
pub fn next(rows: &mut Rows, import: &Import) -> std::io::Result<Vec<(i64, StringRecord)>> {
    rows.seek(import.next())?;
    let mut next = Vec::with_capacity(ROWS);
    while next.len() < ROWS {
        let Some(row) = rows.next_row()? else { break };
        next.push(row);
    }
    Ok(next)
}

/// Finds out what becomes of `cells`, and sees to it unless it is only being checked.
pub async fn see_to(
    tx: &mut Tx,
    import: &mut Import,
    (reading, last, intake): (&Reading, &LastLines, &Intake),
    cells: &[(i64, StringRecord)],
) -> Result<(), Error> {
    let mut came = Came::default();
    for (line, cells) in cells {
        let mut row = reading.read(cells);
        let mut faults = std::mem::take(&mut row.faults);
        let refused = faults.iter().find(|fault| fault.refuses).map(|fault| fault.code);
        let became = if let Some(code) = refused {
            Became::refused(code)
        } else if last.is_superseded(*line, &row) {
            faults = vec![Fault::warning(0, "superseded")];
            Became { outcome: Outcome::Superseded, ..Became::refused("") }
        } else {
            become_of(tx, (intake, import.state), row, &mut faults).await?
        };
        let warnings = faults.iter().filter(|fault| !fault.refuses && fault.code != "superseded").count();
        import.count(became.outcome, warnings);
        came.faults.extend(faults.into_iter().map(|fault| (*line, fault)));
        let (outcome, reason) = (became.outcome, became.reason.to_owned());
        came.lines.push(Line { line: *line, customer: became.customer, outcome, reason });
    }
    store::keep_faults(tx, import, &came.faults).await?;
    if import.state == State::Running {
        store::keep_lines(tx, import, &came.lines).await?;
        timeline::add(tx, &moments(import, intake, &came.lines)).await?;
    }
    Ok(())
}

/// What those whose records were made or changed are told of it. The audit has one entry for the whole: what it counts was
/// done by whoever started the import, and each record says by which.
fn moments(import: &Import, intake: &Intake, lines: &[Line]) -> Vec<Moment> {
    let subject = String::from(import.id);
    let kind = if intake.who.starts_with("akey_") { "api_key" } else { "staff" };
    let told = lines.iter().filter(|line| matches!(line.outcome, Outcome::Created | Outcome::Changed));
    let told = told.filter_map(|line| {
        let moment = Moment::new((import.realm, line.customer?), "customer.imported", &subject, intake.now);
        Some(moment.by(kind, &intake.who).within(import.store).came_to(line.outcome.slug()))
    });
    told.collect()
}

/// What became of a row.
struct Became {
    outcome: Outcome,
    customer: Option<CustomerId>,
    reason: &'static str,
}

impl Became {
    const fn refused(reason: &'static str) -> Self {
        Self { outcome: Outcome::Refused, customer: None, reason }
    }
}

async fn become_of(
    tx: &mut Tx,
    (intake, state): (&Intake, State),
    row: Row,
    faults: &mut Vec<Fault>,
) -> Result<Became, Error> {
    let before = faults.len();
    // Somebody else may make the record between the look and the deed, once.
    for _ in 0..2 {
        faults.truncate(before);
        let mut found = match plan(tx, intake, row.clone()).await? {
            Planned::Done(found) => found,
            Planned::Refused(code) => {
                faults.push(Fault::refusal(0, code));
                return Ok(Became::refused(code));
            }
        };
        faults.append(&mut found.faults);
        let outcome = found.outcome();
        if state != State::Running {
            return Ok(Became { outcome, customer: None, reason: "" });
        }
        if let Some(customer) = carry(tx, intake, *found).await? {
            return Ok(Became { outcome, customer: Some(customer), reason: "" });
        }
    }
    faults.push(Fault::refusal(0, "email_taken"));
    Ok(Became::refused("email_taken"))
}
