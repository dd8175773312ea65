//! Which ways of finding a program are allowed.

use std::env;

use anyhow::{Result, bail};

/// Set by `PATRON_TOOLS`; without it everything is tried in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// What is installed, then Debian's packages, then wheels.
    Any,
    /// Only what is installed already.
    Installed,
    /// Only wheels, whatever is installed.
    Wheels,
}

impl Source {
    pub fn chosen() -> Result<Self> {
        Self::parse(&env::var("PATRON_TOOLS").unwrap_or_default())
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "" | "any" => Ok(Self::Any),
            "installed" => Ok(Self::Installed),
            "wheels" => Ok(Self::Wheels),
            other => bail!("PATRON_TOOLS is `{other}`; it can be any, installed or wheels"),
        }
    }

    pub fn may_use_installed(self) -> bool {
        self != Self::Wheels
    }

    pub fn may_use_packages(self) -> bool {
        self == Self::Any
    }

    pub fn may_use_wheels(self) -> bool {
        self != Self::Installed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_source_is_an_error() {
        assert_eq!(Source::parse("").unwrap(), Source::Any);
        assert_eq!(Source::parse("wheels").unwrap(), Source::Wheels);
        assert!(Source::parse("brew").is_err());
    }
}
