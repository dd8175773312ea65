//! The configuration nats-server is given, by version and purpose.

use std::path::Path;

use crate::version::Version;

/// The first version that can flush every write to the disk; older ones refuse to start when
/// they find the setting.
pub const CAN_SYNC_ALWAYS: Version = Version::new(2, 10);

/// Which promises a server keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// An acknowledged message survives a power cut, where the version can.
    Demo,
    /// Fast and thrown away.
    Test,
}

/// What differs from one server to the next.
#[derive(Debug)]
pub struct Config<'a> {
    pub port: u16,
    pub store: &'a Path,
}

impl Config<'_> {
    pub fn render(&self, profile: Profile, version: Version) -> String {
        let sync =
            if profile == Profile::Demo && version >= CAN_SYNC_ALWAYS { "  sync_interval: always\n" } else { "" };
        format!(
            "server_name: patron\n\
             listen: \"127.0.0.1:{port}\"\n\
             jetstream {{\n  store_dir: \"{store}\"\n{sync}}}\n",
            port = self.port,
            store = self.store.display(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(profile: Profile, version: Version) -> String {
        Config { port: 4222, store: Path::new("/data/nats") }.render(profile, version)
    }

    #[test]
    fn every_write_is_flushed_where_the_version_can() {
        assert!(render(Profile::Demo, Version::new(2, 15)).contains("sync_interval: always"));
        assert!(render(Profile::Demo, Version::new(2, 10)).contains("sync_interval: always"));
    }

    #[test]
    fn an_old_version_is_not_given_a_setting_it_dies_of() {
        assert!(!render(Profile::Demo, Version::new(2, 9)).contains("sync_interval"));
    }

    #[test]
    fn tests_do_not_wait_for_the_disk() {
        assert!(!render(Profile::Test, Version::new(2, 15)).contains("sync_interval"));
    }

    #[test]
    fn only_this_machine_is_listened_to() {
        let text = render(Profile::Demo, Version::new(2, 15));
        assert!(text.contains("listen: \"127.0.0.1:4222\""), "{text}");
    }
}
