//! Rates that clients keep, counted in the memory of this process. An address has its own, whatever credentials it
//! presents, and a lower one where credentials are tried (ID-27): strangers use up their own tries, nobody else's.
use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio_util::sync::CancellationToken;

use kit::settings::Settings;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How often those who have not been seen for a while are forgotten.
const SWEEP: Duration = Duration::from_secs(30);
/// How many credentials may use their rate at once behind one address.
const SHARED_BY: u32 = 4;
/// How much may come at once, in seconds of the steady rate.
const BURST_SECONDS: u32 = 2;

/// A rate that each of many keeps. Clones count together.
#[derive(Clone)]
pub struct Rate<K: Hash + Eq + Clone>(Option<Arc<Limits<K>>>);

struct Limits<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    name: &'static str,
    burst: u32,
    seconds: u32,
}

/// Where somebody stands with a rate, as `RateLimit` and `RateLimit-Policy` tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    name: &'static str,
    burst: u32,
    seconds: u32,
    left: u32,
    wait: Duration,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// `burst` at once, and as many again in `seconds`; any number while one of them is 0.
    #[must_use]
    pub fn new(name: &'static str, burst: u32, seconds: u32) -> Self {
        let quota = NonZeroU32::new(burst).and_then(|most| {
            let period = Duration::from_secs(seconds.into()) / burst;
            Some(Quota::with_period(period)?.allow_burst(most))
        });
        Self(quota.map(|quota| {
            let limiter = RateLimiter::dashmap(quota).with_middleware();
            Arc::new(Limits { limiter, name, burst, seconds })
        }))
    }

    /// `number` in a second, twice as many at once; 0 for any number.
    #[must_use]
    pub fn per_second(name: &'static str, number: u32) -> Self {
        Self::new(name, number.saturating_mul(BURST_SECONDS), BURST_SECONDS)
    }

    /// Counts `one`, or says that it comes too often. There is nothing to tell while nothing is limited.
    pub fn take(&self, one: &K) -> Result<Option<Standing>, Standing> {
        let Some(limits) = &self.0 else { return Ok(None) };
        let Limits { name, burst, seconds, .. } = **limits;
        let stand = |left, wait| Standing { name, burst, seconds, left, wait };
        match limits.limiter.check_key(one) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let wait = Duration::from_secs(seconds.into()) * burst.saturating_sub(left) / burst;
                Ok(Some(stand(left, wait)))
            }
            Err(until) => Err(stand(0, until.wait_time_from(limits.limiter.clock().now()))),
        }
    }

    fn forget(&self) {
        if let Some(limits) = &self.0 {
            limits.limiter.retain_recent();
            limits.limiter.shrink_to_fit();
        }
    }

    /// Forgets those who have not been seen for a while, again and again until `stop`.
    pub async fn sweep(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
            self.forget();
        }
    }

    /// How many are remembered.
    #[must_use]
    pub fn known(&self) -> usize {
        self.0.as_ref().map_or(0, |limits| limits.limiter.len())
    }
}

impl Standing {
    /// How long to wait: for the next try after a refusal, else until everything is free again.
    #[must_use]
    pub fn wait(&self) -> Duration {
        Duration::from_secs(self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0))
    }

    /// Writes it to an answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Self { name, burst, seconds, left, .. } = self;
        let fields = [
            (POLICY, format!("\"{name}\";q={burst};w={seconds}")),
            (LIMIT, format!("\"{name}\";r={left};t={}", self.wait().as_secs())),
        ];
        for (field, value) in fields {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(field, value);
            }
        }
    }
}

/// The rates of addresses. Clones count together.
#[derive(Clone)]
pub struct Addresses {
    requests: Rate<Option<IpAddr>>,
    tries: Rate<Option<IpAddr>>,
}

impl Addresses {
    /// As `settings` have it.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            requests: Rate::per_second("address", settings.rate_limit.saturating_mul(SHARED_BY)),
            tries: Rate::new("sign-in", settings.login_burst, refill(settings)),
        }
    }

    /// Counts a request from `address`, which is a `try_out` when it presents credentials to be checked. Requests
    /// whose address is not known count together.
    pub fn take(&self, address: Option<IpAddr>, try_out: bool) -> Result<(), Standing> {
        let holder = address.map(holder);
        self.requests.take(&holder)?;
        if try_out {
            self.tries.take(&holder)?;
        }
        Ok(())
    }

    /// Forgets addresses that have not been seen for a while, until `stop`.
    pub async fn sweep(self, stop: CancellationToken) {
        tokio::join!(self.requests.sweep(stop.clone()), self.tries.sweep(stop));
    }
}

/// In how many seconds all tries come back, so many a minute.
fn refill(settings: &Settings) -> u32 {
    settings.login_burst.saturating_mul(60).checked_div(settings.login_rate).unwrap_or_default()
}

/// Whoever has an IPv6 address has its whole network of 64 bits.
fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        IpAddr::V4(address) => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(addresses: &Addresses, address: &str, try_out: bool) -> bool {
        addresses.take(address.parse().ok(), try_out).is_ok()
    }

    fn addresses(requests: u32, tries: u32) -> Addresses {
        Addresses { requests: Rate::per_second("address", requests), tries: Rate::new("sign-in", tries, 60) }
    }

    /// ID-27: an address runs out of tries for itself only, and not of requests.
    #[test]
    fn strangers_use_up_their_own_tries() {
        let addresses = addresses(100, 2);
        assert!(taken(&addresses, "192.0.2.1", true) && taken(&addresses, "192.0.2.1", true));
        assert!(!taken(&addresses, "192.0.2.1", true) && !taken(&addresses, "::ffff:192.0.2.1", true));
        assert!(taken(&addresses, "192.0.2.1", false) && taken(&addresses, "192.0.2.2", true));
    }

    /// ID-27: a network of 64 bits belongs to one client, who cannot get fresh tries by moving within it.
    #[test]
    fn a_network_is_one_client() {
        let addresses = addresses(100, 1);
        assert!(taken(&addresses, "2001:db8:1:2::1", true));
        assert!(!taken(&addresses, "2001:db8:1:2:ffff::2", true));
        assert!(taken(&addresses, "2001:db8:1:3::1", true));
    }

    #[test]
    fn nothing_is_limited_by_nothing() {
        let addresses = addresses(0, 0);
        assert!((0..1_000).all(|_| taken(&addresses, "192.0.2.1", true)));
    }

    #[test]
    fn those_who_are_gone_are_forgotten() {
        let rate = Rate::new("test", 1_000_000, 1);
        for one in 0..100 {
            assert!(rate.take(&one).is_ok());
        }
        while rate.known() > 0 {
            rate.forget();
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let rate = Rate::new("sign-in", 10, 60);
        assert!((0..10).all(|_| rate.take(&()).is_ok()));
        let mut headers = HeaderMap::new();
        rate.take(&()).expect_err("too often").tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"sign-in\";q=10;w=60");
        assert_eq!(headers["ratelimit"], "\"sign-in\";r=0;t=6");
    }
}
