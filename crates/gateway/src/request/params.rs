//! Query parameters.
use std::{convert::Infallible, str::FromStr};

use axum::extract::FromRequestParts;
use http::request::Parts;
use kit::failure::Violation;

use crate::problem::Problem;

/// The parameters of a request. A route takes those it knows; on the staff's side the rest is refused.
#[derive(Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads what stands behind the question mark.
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Takes the parameter `name`; the last one counts when there are several.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.take_where(|other| other == name).pop().map(|(_, value)| value)
    }

    /// Takes the parameter `name`, empty without it.
    pub fn text(&mut self, name: &str) -> String {
        self.take(name).unwrap_or_default()
    }

    /// Takes the whole number `name`; zero without it.
    pub fn number<N: FromStr + Default>(&mut self, name: &'static str) -> Result<N, Violation> {
        let Some(text) = self.take(name).filter(|text| !text.is_empty()) else { return Ok(N::default()) };
        let fault = |_| Violation::new(format!("/{name}"), "malformed", format!("{name} must be a whole number"));
        text.parse().map_err(fault)
    }

    /// Takes `limit`; zero without it, which lets the service choose.
    pub fn limit(&mut self) -> Result<u32, Violation> {
        let given = self.0.iter().any(|(name, text)| name == "limit" && !text.is_empty());
        match self.number("limit")? {
            0 if given => Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 100")),
            limit => Ok(limit),
        }
    }

    /// Takes every parameter whose name fits.
    pub fn take_where(&mut self, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let (taken, left) = std::mem::take(&mut self.0).into_iter().partition(|(name, _)| fits(name));
        self.0 = left;
        taken
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), Problem> {
        let unknown = |(name, _): (String, String)| {
            let detail = format!("{name} is not a parameter here");
            Violation::new(format!("/{name}"), "unknown_parameter", detail)
        };
        let faults: Vec<_> = self.0.into_iter().map(unknown).collect();
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

/// A route of the staff's side without parameters: any that is sent is refused.
pub struct NoParams;

impl<S: Sync> FromRequestParts<S> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Params::parse(parts.uri.query().unwrap_or_default()).finish().map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_is_refused() {
        let mut params = Params::parse("limit=5&colour=red&q=J%C3%B8rgen+M");
        assert_eq!(params.number::<u32>("limit").ok(), Some(5));
        assert_eq!(params.text("q"), "Jørgen M");
        assert!(params.finish().is_err());
        assert!(Params::parse("limit=many").number::<u32>("limit").is_err());
        assert_eq!(Params::parse("limit=").number::<u32>("limit").ok(), Some(0));
    }
}
