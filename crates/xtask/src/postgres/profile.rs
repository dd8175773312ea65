//! What PostgreSQL is told for each of its purposes.

/// Which promises a cluster keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Durable: a demo survives a power cut.
    Demo,
    /// Durable, with the memory that a server of its own would have.
    Bench,
    /// Fast and thrown away.
    Test,
}

impl Profile {
    /// How `initdb` is called. Passwords are checked the cheap way in tests: they open thousands
    /// of connections, and a salted, iterated check costs an unoptimised client 50 ms each.
    pub fn initdb(self) -> &'static [&'static str] {
        match self {
            Self::Demo | Self::Bench => &["--auth=scram-sha-256", "--data-checksums"],
            Self::Test => &["--auth=md5", "--no-sync"],
        }
    }

    /// Settings given on the command line, so that an old data directory follows new ones. The
    /// directory of its socket may be none.
    pub fn settings(self, port: u16, sockets: &str) -> Vec<String> {
        let mut settings: Vec<String> = [
            "listen_addresses=127.0.0.1",
            "shared_buffers=256MB",
            "max_wal_size=2GB",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_line_prefix=%m [%p] %a ",
        ]
        .map(str::to_owned)
        .to_vec();
        settings.push(format!("port={port}"));
        settings.push(format!("unix_socket_directories={sockets}"));
        let own: &[&str] = match self {
            Self::Demo => &["max_connections=300"],
            Self::Bench => &[
                "max_connections=300",
                "shared_buffers=1GB",
                "effective_cache_size=3GB",
                "max_wal_size=4GB",
                "checkpoint_timeout=15min",
                "random_page_cost=1.1",
            ],
            Self::Test => &[
                "max_connections=400",
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "autovacuum_naptime=5min",
            ],
        };
        settings.extend(own.iter().map(|setting| (*setting).to_owned()));
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_give_up_durability() {
        let is_off = |profile: Profile| profile.settings(5432, "").contains(&"fsync=off".to_owned());
        assert!(is_off(Profile::Test));
        assert!(!is_off(Profile::Demo));
        assert!(!is_off(Profile::Bench));
    }

    #[test]
    fn nobody_outside_this_machine_is_listened_to() {
        for profile in [Profile::Demo, Profile::Bench, Profile::Test] {
            let settings = profile.settings(5432, "/run");
            assert!(settings.contains(&"listen_addresses=127.0.0.1".to_owned()));
            assert!(settings.contains(&"port=5432".to_owned()));
            assert!(settings.contains(&"unix_socket_directories=/run".to_owned()));
        }
    }
}
