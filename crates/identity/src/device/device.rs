//! A device: an installed app or a browser, as the push service of its platform knows it.
use kit::{failure::Violation, ids::DeviceId};

use crate::input;

/// Purpose that tokens are sealed for.
pub const PURPOSE: &str = "device-token";
/// Longest token, in characters.
const LONGEST: usize = 4096;

/// Whose push service reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Platform {
    /// Apple's.
    Ios,
    /// Google's.
    Android,
    /// A browser, by Google's.
    Web,
}

impl Platform {
    /// Reads its name.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let known = [Self::Ios, Self::Android, Self::Web].into_iter();
        let named = known.into_iter().find(|platform| platform.slug() == text.trim().to_ascii_lowercase());
        named.ok_or_else(|| Violation::new("/platform", "unknown", "the platform is ios, android or web"))
    }

    /// Its name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Web => "web",
        }
    }
}

/// A device.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose push service reaches it.
    pub platform: Platform,
    /// What that knows it by, sealed.
    pub token: Vec<u8>,
}

/// A token as it was given.
pub fn token(text: &str) -> Result<String, Violation> {
    input::text("/token", text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_as_clients_write_them() {
        assert_eq!(Platform::parse(" iOS").ok(), Some(Platform::Ios));
        assert!(Platform::parse("symbian").is_err() && Platform::parse("").is_err());
        assert!(token(&"a".repeat(4096)).is_ok() && token(&"a".repeat(4097)).is_err());
    }
}
