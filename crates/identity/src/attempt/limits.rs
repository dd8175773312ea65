//! The rates of an installation, and what is counted by them.
use chrono::TimeDelta;
use kit::{call::Client, secret::Secrets, settings::Settings};

use super::{
    attempt::{Tries, key, network, whose},
    rate::Rate,
};

/// To how many recipients one sender may have messages sent, as often as each may have them: a household, an office.
const SENDER: u32 = 10;

/// The rates of an installation.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Passwords and codes that are tried, by network address.
    pub sign_in: Rate,
    /// Messages to one recipient, by network address of whoever asks, so that strangers use up their own.
    pub message: Rate,
    /// Messages to anybody, by network address of whoever asks and by customer who is signed in: nobody writes to a
    /// thousand strangers.
    pub sender: Rate,
    /// Accounts that are made, by network address.
    pub registration: Rate,
}

impl Limits {
    /// As `settings` have them.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let (minute, hour) = (TimeDelta::minutes(1), TimeDelta::hours(1));
        let registrations = settings.registration_rate;
        Self {
            sign_in: Rate::new("sign_in", settings.login_burst, settings.login_rate, minute),
            message: Rate::new("message", settings.message_burst, settings.message_rate, hour),
            sender: Rate::new("sender", SENDER * settings.message_burst, SENDER * settings.message_rate, hour),
            registration: Rate::new("registration", registrations, registrations, hour),
        }
    }

    /// A try of the password of `account` by `client`.
    #[must_use]
    pub fn password(&self, secrets: &Secrets, account: &[&str], client: &Client) -> Tries {
        Tries {
            rate: self.sign_in,
            network: network(secrets, &client.ip),
            account: key(secrets, account, &client.ip),
            whose: whose(secrets, account),
        }
    }
}
