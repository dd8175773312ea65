//! What processes take of the machine, from `/proc`.
use std::{fs, str::FromStr, time::Duration};

use anyhow::Context;

/// A process that is looked at, under a name that several may share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What its figures are added to.
    pub name: String,
    /// Its pid.
    pub pid: u32,
}

impl FromStr for Watched {
    type Err = anyhow::Error;

    /// Reads `name=pid`.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (name, pid) = text.split_once('=').context("NAME=PID")?;
        Ok(Self { name: name.to_owned(), pid: pid.parse().context("a pid is a number")? })
    }
}

impl Watched {
    /// Processor time that it and its children have taken, those that have ended included.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        let mut ticks = Stat::of(self.pid).with_context(|| format!("{} has ended", self.name))?.with_ended;
        for entry in fs::read_dir("/proc")?.flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(child) = pid.and_then(Stat::of).filter(|child| child.parent == self.pid) {
                ticks += child.own;
            }
        }
        let second = rustix::param::clock_ticks_per_second().max(1);
        Ok(Duration::from_millis(ticks * 1000 / second))
    }

    /// Resident memory in bytes; of the process alone.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/statm", self.pid)).unwrap_or_default();
        let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
        pages * rustix::param::page_size() as u64
    }
}

struct Stat {
    parent: u32,
    /// Ticks of the process alone.
    own: u64,
    /// The same with those of its children that have ended.
    with_ended: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name of a program, in brackets, may contain anything.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.rsplit_once(") ")?.1.split(' ').collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        let own = number(11)? + number(12)?;
        Some(Self { parent: u32::try_from(number(1)?).ok()?, own, with_ended: own + number(13)? + number(14)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel_is_understood() {
        let line = "4711 (a (b) c) S 1 4711 4711 0 -1 4194560 100 200 0 0 7 5 30 40 20 0 1 0 100 1000 200";
        let stat = Stat::parse(line).expect("understood");
        assert_eq!((stat.parent, stat.own, stat.with_ended), (1, 12, 82));
    }

    #[test]
    fn this_process_has_memory() {
        assert!(Watched { name: "tests".to_owned(), pid: std::process::id() }.memory() > 100_000);
        assert_eq!("patron=12".parse::<Watched>().expect("read").pid, 12);
        assert!("patron".parse::<Watched>().is_err());
    }
}
