//! Looks names up for deliveries, and keeps what leads inside to itself: a connection is made to the very addresses that
//! were looked at, so that no name can be one thing when it is looked at and another when it is used.
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::webhook::target::is_public;

/// A name that stands for no public address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name stands for no public address")]
pub struct Inside;

/// Looks names up; an open house takes any address.
#[derive(Clone, Copy, Debug)]
pub struct Resolver {
    pub open: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let open = self.open;
        Box::pin(async move {
            // The port follows from the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside = sifted(found, open)?;
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

fn sifted(found: impl Iterator<Item = SocketAddr>, open: bool) -> Result<Vec<SocketAddr>, Inside> {
    let outside: Vec<_> = found.filter(|address| open || is_public(address.ip())).collect();
    if outside.is_empty() { Err(Inside) } else { Ok(outside) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NO-5: of what a name stands for only public addresses are used; a name without any is refused.
    #[test]
    fn what_leads_inside_is_left_out() {
        let all = |texts: &[&str]| {
            texts.iter().map(|text| SocketAddr::new(text.parse().expect("an address"), 0)).collect::<Vec<_>>()
        };
        let mixed = sifted(all(&["10.0.0.1", "1.1.1.1", "::1"]).into_iter(), false).expect("one is public");
        assert_eq!(mixed, all(&["1.1.1.1"]));
        assert!(sifted(all(&["169.254.169.254", "fd00:ec2::254"]).into_iter(), false).is_err());
        assert!(sifted(all(&["127.0.0.1"]).into_iter(), true).is_ok());
    }

    /// NO-5: a name that is resolved to this very machine is refused when it is used.
    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() -> anyhow::Result<()> {
        let refused = Resolver { open: false }.resolve("localhost".parse()?).await;
        assert!(refused.is_err_and(|error| error.is::<Inside>()));
        assert!(Resolver { open: true }.resolve("localhost".parse()?).await.is_ok());
        Ok(())
    }
}
